"""From rows and pictures to files, which appear whole or not at all."""
