"""Single neurons, and layers of them that learn by themselves: from McCulloch and Pitts to the Mark I."""

from nnlite.models.neurons import averaged, pocket  # the rules that they bring to the perceptron
