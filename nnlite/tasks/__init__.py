"""What several systems learn: the data, how an answer is scored, and how a model is trained on it.

A task draws examples and judges answers, and knows no model; a model knows no task; :func:`learn` brings them together.
"""

from nnlite.tasks.learn import Task, learn
from nnlite.tasks.recall import Recall

__all__ = ["Recall", "Task", "learn"]
