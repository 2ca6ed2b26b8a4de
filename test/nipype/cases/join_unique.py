"""unique=True keeps the first of equal values; the other join keeps all."""

from nipype import Function, IdentityInterface, JoinNode, Node, Workflow
from tools import dump


def first_letter(word):
    return word[0]


def workflow(case):
    info = Node(IdentityInterface(fields=["word"]), name="info")
    info.iterables = ("word", ["bee", "ant", "bat", "ape", "cat"])
    letter = Node(Function(input_names=["word"], output_names=["letter"], function=first_letter), name="letter")
    every = JoinNode(IdentityInterface(fields=["letters"]), joinsource="info", name="every")
    once = JoinNode(IdentityInterface(fields=["letters", "words"]), joinsource="info", name="once", unique=True)
    last = dump("last", "every", "once", "words")

    wf = Workflow("wf")
    wf.connect([
        (info, letter, [("word", "word")]),
        (letter, every, [("letter", "letters")]),
        (letter, once, [("letter", "letters")]),
        (info, once, [("word", "words")]),
        (every, last, [("letters", "every")]),
        (once, last, [("letters", "once"), ("words", "words")]),
    ])
    return wf
