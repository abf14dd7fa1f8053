"""The trusted end of the box: starts workers in bubblewrap, asks them, and believes nothing that they answer."""
