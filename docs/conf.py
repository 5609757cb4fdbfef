"""The site: guides, the lessons executed, the reference read from the docstrings. Its pages load nothing from the net.

python -m sphinx -W docs docs/_build/html
"""

import importlib
import inspect
import os
import pkgutil
import re
import runpy
import shutil
import sys
from pathlib import Path

import nnlite
from nnlite.registry import Entry

here = Path(__file__).parent

project = "nnlite"
author = "The nnlite founders"
copyright = "the nnlite founders"
version = release = nnlite.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build"]
language = "en"
default_role = "literal"
nitpicky = False

# Pages

html_theme = "furo"
html_title = "nnlite"
html_static_path = ["_static"]
html_css_files = ["nnlite.css"]
html_favicon = "_static/nnlite.svg"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#2f5f93",
        "color-brand-content": "#2f5f93",
        "color-brand-visited": "#2f5f93",
    },
    "dark_css_variables": {
        "color-brand-primary": "#8fb8e3",
        "color-brand-content": "#8fb8e3",
        "color-brand-visited": "#8fb8e3",
    },
}
pygments_style = "tango"
pygments_dark_style = "github-dark"

# Mathematics: one file, taken from its npm package when the site is built

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
mathjax_path = runpy.run_path(str(here / "mathjax.py"))["fetch"](here / "_static" / "mathjax")

# Lessons: the notebooks, executed as a student without sliders would see them

for notebook in (here.parent / "notebooks").glob("[0-9][0-9]_*.ipynb"):
    shutil.copyfile(notebook, here / "lessons" / notebook.name)
os.environ["NNLITE_SLIDERS"] = "off"
os.environ.pop("NNLITE_QUICK", None)
nb_execution_mode = "force"
nb_execution_timeout = 180
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_code_prompt_show = "Show the code of the picture"
nb_code_prompt_hide = "Hide the code"
nb_ipywidgets_js = {}  # the default is on a content delivery network

# Reference

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False


def as_function(entry):
    """Make a plain function with the signature and docstring of an entry of the registry, for autodoc to read."""

    def function(*args, **kwargs):
        return entry(*args, **kwargs)

    formula = inspect.unwrap(entry.formula)
    module = "nnlite.functional" if formula.__module__.startswith("nnlite.functional.") else formula.__module__
    function.__name__ = function.__qualname__ = formula.__name__.rstrip("_")
    function.__module__ = module
    function.__doc__ = entry.__doc__
    function.__signature__ = inspect.signature(formula)
    return function


# In this process only: autodoc takes the entries for data, though they are called and documented as functions.
for found in pkgutil.walk_packages(nnlite.__path__, "nnlite."):
    if not found.name.startswith(
        ("nnlite.kernels", "nnlite.course.checks", "nnlite.course.lessons.", "nnlite.__main__")
    ):
        importlib.import_module(found.name)
for name, module in list(sys.modules.items()):
    if name.startswith("nnlite"):
        for attribute, value in list(vars(module).items()):
            if isinstance(value, Entry):
                setattr(module, attribute, as_function(value))


# Docstrings are written to be read as they are. What looks like markup and is not, such as n_iter_ or (*, D), is
# escaped here; literals, lists and *emphasised words* are left alone.
MARKUP = re.compile(
    r"""(?P<keep> ``.+?``(?!`) | `[^`]+`_{0,2} | \*{1,2}(?=[\w"'])[^*]{0,100}?[\w.,!?"')]\*{1,2}(?!\w) | \\.
          | (?: ^\s* | :\ ) \*\ +(?=\S) )
      | (?P<escape> \* | \| | (?<=\w)_(?!\w) )""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
TYPE = re.compile(r"^(\s*:(?:type|vartype) [^:]+: )([^`*\n]+)$", re.MULTILINE)


def escape_markup(app, what, name, obj, options, lines):
    paragraphs = re.split(r"(\n\s*\n)", "\n".join(lines))
    for i, paragraph in enumerate(paragraphs):
        if not paragraph.lstrip().startswith((">>>", "..")):
            paragraph = MARKUP.sub(lambda m: m["keep"] or "\\" + m["escape"], paragraph)
            # As one emphasised phrase a type is not searched for words that happen to name something, such as "shape".
            paragraphs[i] = TYPE.sub(r"\1*\2*", paragraph)
    lines[:] = "".join(paragraphs).split("\n")


def setup(app):
    app.connect("autodoc-process-docstring", escape_markup, priority=600)  # after napoleon
