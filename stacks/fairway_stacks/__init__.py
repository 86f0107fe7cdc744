"""Pulumi programs, their components, and the engines that run them."""
