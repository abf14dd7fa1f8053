"""From a submission to its report, and from a class to its reports."""
