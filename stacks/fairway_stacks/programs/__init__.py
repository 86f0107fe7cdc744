"""The Pulumi programs of Fairway's own offerings: `<name>:main`, ordinary programs that any engine runs."""
