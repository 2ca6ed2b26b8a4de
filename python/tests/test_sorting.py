"""The order of a graph for nipype's report is nipype's own."""
import random
import unittest
from unittest import mock

import networkx
import numpy
from nipype.pipeline.engine import utils, workflows

from raphe_nipype import plugin, sorting  # noqa: F401  the plugin installs it


class Named:
    """As nodes are: told apart by identity."""


def graph(nodes, chance, seed):
    """Makes a graph without cycles, its nodes and connections in no order."""
    pick = random.Random(seed)
    order = [Named() for _ in range(nodes)]
    made = networkx.DiGraph()
    made.add_nodes_from(pick.sample(order, nodes))
    for i, before in enumerate(order):
        for after in order[i + 1:]:
            if pick.random() < chance:
                made.add_edge(before, after)
    return made


class Sorting(unittest.TestCase):
    def test_is_nipypes(self):
        for seed in range(30):
            for nodes, chance in ((1, 0), (25, 0), (25, 0.02), (25, 0.1), (25, 1)):
                with self.subTest(nodes=nodes, chance=chance, seed=seed):
                    made = graph(nodes, chance, seed)
                    want = utils.topological_sort(made, depth_first=True)
                    self.assertEqual(want, sorting.by_parts(made))

    def test_lists_are_as_nipypes(self):
        made = graph(60, 0.03, 7)
        nodes, parts = sorting.by_parts(made)
        self.assertEqual(list(range(60)), [nodes.index(node) for node in nodes])
        self.assertEqual(5, nodes.index(nodes[5], 3, 9))
        with self.assertRaises(ValueError):
            nodes.index(Named())
        last = nodes.pop()
        with self.assertRaises(ValueError):
            nodes.index(last)
        numbers = numpy.unique(parts)
        self.assertEqual(sorted(set(parts)), list(numbers))
        self.assertEqual({int}, {type(number) for number in numbers})

    def test_is_used(self):
        made = graph(500, 0, 1)
        seen = []
        made_of = utils.np.array

        def array(*args):
            seen.append(args)
            return made_of(*args)

        with mock.patch.object(utils.np, "array", array):
            nodes, parts = workflows.topological_sort(made, depth_first=True)
        self.assertEqual((500, 500, []), (len(nodes), max(parts), seen))
        self.assertEqual((list(networkx.topological_sort(made)), None),
                         workflows.topological_sort(made))


if __name__ == "__main__":
    unittest.main()
