"""Show reports: in the terminal, as JUnit XML, as Markdown and as web pages, a module each."""
