"""The Jinja environment: strict, escaping, with the words and marks that the templates use."""

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig
from markupsafe import Markup, escape

from fairway.db.ids import short
from fairway_ui import static, words

ROLES = (
    (re.compile(r'<table(?= class="list)'), '<table role="table"'),
    (re.compile(r"<(thead|tbody)(?=[ >])"), r'<\1 role="rowgroup"'),
    (re.compile(r"<tr(?=[ >])"), '<tr role="row"'),
    (re.compile(r'<th(?= [^>]*scope="col")'), '<th role="columnheader"'),
    (re.compile(r'<th(?= [^>]*scope="row")'), '<th role="rowheader"'),
    (re.compile(r"<td(?=[ >])"), '<td role="cell"'),
)


class TableRoles(Extension):
    """Says the roles of tables: rows that are grids on a phone lose them in Safari."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        for pattern, replacement in ROLES:
            source = pattern.sub(replacement, source)
        return source


def pretty(value: Any) -> str:
    """A parameter's or a field's value as people read it."""
    if value is None or value == "" or value == [] or value == {}:
        return words.ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return " ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def marked(text: str) -> Markup:
    """A sentence in which `backticks` are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=[TableRoles, "jinja2.ext.do"],
        auto_reload=False,
    )
    environment.globals.update(
        asset=static.url,
        shapes=words.SHAPES,
        run_state=words.run_state,
        resource_state=words.resource_state,
        trial_state=words.trial_state,
        slo_state=words.slo_state,
        operations=words.OPERATIONS,
        NBSP=words.NBSP,
    )
    filters = (
        words.money,
        words.duration,
        words.seconds,
        words.percent,
        words.since,
        words.times,
        words.budget,
        words.when,
        words.size,
        words.plan_size,
        words.count,
        marked,
        short,
    )
    environment.filters.update({f.__name__: f for f in filters} | {"pretty": pretty})
    return environment


ENVIRONMENT = _environment()
templates: TemplateConfig[JinjaTemplateEngine] = TemplateConfig(
    instance=JinjaTemplateEngine.from_environment(ENVIRONMENT)
)


def render(name: str, **values: Any) -> str:
    """A fragment, for streams."""
    return ENVIRONMENT.get_template(name).render(**values)
