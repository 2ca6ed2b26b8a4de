"""Nodes made up for dress.py: of all command-line classes of the catalogue.

Inputs are made up from the traits of the class, by a random number generator
that starts from the name of the case, so that each process makes the same.
"""

import importlib
import os
import random
import sys

from nipype import MapNode, Node
from nipype.interfaces.base import CommandLine, Undefined, isdefined, traits
from nipype.interfaces.base import traits_extension as extension

import raphe_nipype


class NoCase(Exception):
    """Nothing can be made up for this class."""


class Maker:
    """Makes inputs up for one case."""

    def __init__(self, case, root):
        self.random = random.Random(case)
        self.root = os.path.join(root, "in", case)
        self.count = 0
        os.makedirs(self.root, exist_ok=True)

    def path(self, trait, folder=False):
        self.count += 1
        ends = getattr(trait, "_exts", None) or [".nii.gz", ".nii", ".img"]
        name = os.path.join(self.root, "in%d" % self.count)
        if folder:
            os.makedirs(name, exist_ok=True)
            return name
        name += self.random.choice(ends)
        if not os.path.exists(name):
            with open(name, "w") as f:
                f.write("x" * self.count)
            os.utime(name, ns=(0, 1_700_000_000_123_456_789 + self.count * 1_000_003))
        return name

    def value(self, trait, depth=0):
        """A value for the trait type, often one that nipype keeps in another form."""
        rng = self.random
        if isinstance(trait, extension.Directory):
            return self.path(trait, folder=True)
        if isinstance(trait, extension.BasePath):
            path = self.path(trait)
            return rng.choice([path, path, path.replace("/in", "//in", 1)])
        if isinstance(trait, extension.MultiObject):
            item = trait.inner_traits()[0].trait_type
            if depth == 0 and rng.random() < 0.4:
                return self.value(item, depth + 1)
            return [self.value(item, depth + 1) for _ in range(rng.randint(1, 3))]
        if isinstance(trait, traits.List):
            low, high = trait.minlen, min(trait.maxlen, trait.minlen + 3)
            item = trait.inner_traits()[0].trait_type
            return [
                self.value(item, depth + 1) for _ in range(rng.randint(max(low, 1), max(high, 1)))
            ]
        if isinstance(trait, traits.BaseTuple):
            return tuple(self.value(item.trait_type, depth + 1) for item in trait.types)
        if isinstance(trait, traits.TraitCompound):
            return self.value(rng.choice(trait.handlers), depth + 1)
        if hasattr(traits, "Union") and isinstance(trait, traits.Union):
            return self.value(rng.choice(trait.list_ctrait_instances).trait_type, depth + 1)
        if isinstance(trait, traits.BaseEnum):
            return rng.choice(list(trait.values))
        if isinstance(trait, traits.BaseRange):
            low = trait._low if trait._low is not None else 0
            high = trait._high if trait._high is not None else low + 5
            return rng.randint(int(low) + 1, int(high)) if high - low >= 2 else (low + high) / 2
        if isinstance(trait, traits.BaseBool):
            return True
        if isinstance(trait, traits.BaseInt):
            return rng.randint(1, 9)
        if isinstance(trait, traits.BaseFloat):
            return rng.choice([rng.randint(1, 9), rng.random(), 1e-5, 0.1, 2.5e17])
        if isinstance(trait, (traits.BaseStr, traits.String)):
            return rng.choice(["text", "with space", "häß"])
        raise NoCase("no value for %r" % trait)


def fill(interface, maker, share):
    """Sets the mandatory inputs and a share of the others; gives what was set."""
    given = {}
    inputs = interface.inputs
    for name, spec in sorted(inputs.traits(transient=None).items()):
        if name in ("args", "environ", "trait_added", "trait_modified") or spec.deprecated:
            continue
        if spec.xor and any(isdefined(getattr(inputs, other, Undefined)) for other in spec.xor):
            continue
        if not spec.mandatory and maker.random.random() > share:
            continue
        try:
            value = maker.value(spec.trait_type)
            setattr(inputs, name, value)
        except (NoCase, traits.TraitError, OSError):
            if spec.mandatory:
                raise NoCase(name)
            setattr(inputs, name, Undefined)
        else:
            given[name] = value
    return given


def class_of(name):
    package, _, cls = name.rpartition(".")
    try:
        return getattr(importlib.import_module("nipype.interfaces." + package), cls, None)
    except ModuleNotFoundError:  # a package that this nipype does not have
        return None


class Case:
    """A node to be run, the name of its class in the catalogue, and what was set."""

    def __init__(self, interface, node, given=None):
        self.interface, self.node, self.given = interface, node, given or {}

    @property
    def name(self):
        return self.node.name


def nodes(root, seeds):
    """Yields cases of all classes, seeds of each."""
    with open(os.path.join(os.path.dirname(raphe_nipype.__file__), "catalogue.txt")) as f:
        names = f.read().split()
    for name in names:
        cls = class_of(name)
        if cls is None or not issubclass(cls, CommandLine):
            continue
        for seed in range(1, seeds + 1):
            case = "%s_%d" % (name.replace(".", "_"), seed)
            try:
                yield node_of(case, name, cls(), Maker(case, root), 0.3 * (seed % 2))
            except Exception as error:  # nipype's own refusals and its own mistakes
                told(case, error)


def node_of(case, name, interface, maker, share):
    given = fill(interface, maker, share)
    needed = None
    if maker.random.random() < 0.3 and interface.output_spec:
        names = sorted(interface.output_spec().copyable_trait_names())
        needed = [maker.random.choice(names)] if names else None
    interface.cmdline  # what it refuses is no case
    return Case(name, Node(interface, name=case, needed_outputs=needed), given)


def told(case, error):
    text = str(error).strip()[-200:]
    print("%s: %s: %s" % (case, type(error).__name__, text), file=sys.stderr)


def maps(root):
    """Yields MapNodes."""
    from nipype.interfaces import fsl

    maker = Maker("maps", root)
    files = [maker.path(None) for _ in range(3)]
    plain = MapNode(fsl.BET(mask=True), name="map_plain", iterfield=["in_file"])
    plain.inputs.in_file = files
    yield Case("fsl.BET", plain)
    lone = MapNode(fsl.BET(), name="map_lone", iterfield="in_file", needed_outputs=["out_file"])
    lone.inputs.in_file = files[0]
    yield Case("fsl.BET", lone)
    two = MapNode(fsl.FLIRT(reference=files[0]), name="map_two", iterfield=["in_file", "dof"])
    two.inputs.in_file, two.inputs.dof = files, [6, 7, 12]
    yield Case("fsl.FLIRT", two)
    text = MapNode(fsl.BET(in_file=files[0]), name="map_text", iterfield=["out_file"])
    text.inputs.out_file = [files[1], "b.nii.gz"]
    yield Case("fsl.BET", text)
    lists = MapNode(fsl.Merge(dimension="t"), name="map_lists", iterfield=["in_files"])
    lists.inputs.in_files = [files[:2], [files[2]]]
    yield Case("fsl.Merge", lists)
    nested = MapNode(fsl.BET(), name="map_nested", iterfield=["in_file", "frac"], nested=True)
    nested.inputs.in_file = [[files[0], files[1]], [files[2]]]
    nested.inputs.frac = [[1, 0.5], [0.2]]
    yield Case("fsl.BET", nested)
    some = MapNode(fsl.BET(in_file=files[0]), name="map_some", iterfield=["mask"])
    some.inputs.mask = [False, True, False]
    yield Case("fsl.BET", some)


def plain(root, option):
    """Yields a node and a MapNode that are to run under another configuration."""
    from nipype.interfaces import fsl

    maker = Maker(option, root)
    files = [maker.path(None), maker.path(None)]
    yield Case("fsl.FAST", Node(fsl.FAST(in_files=files, segments=True), name=option + "_fast"))
    bets = MapNode(fsl.BET(mask=True), name=option + "_bets", iterfield=["in_file"])
    bets.inputs.in_file = files
    yield Case("fsl.BET", bets)
