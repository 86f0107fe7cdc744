"""Images without a registry: each name stands for a real program on this machine."""

from fairway_sandbox.recipes.recipe import NoRecipe, Recipe, Setting, Start
from fairway_sandbox.recipes.resolve import resolve

__all__ = ["NoRecipe", "Recipe", "Setting", "Start", "resolve"]
