"""Hands nipype's workflows over to Raphe, which runs them.

Before the run and behind it, in the process that built the workflow:

    hook        makes the plugin known to nipype; a .pth file imports it
    plugin      the plugin: hands over, waits or is replaced, gives the graph back
    dump        writes the hand-over folder; facts, options and order say what of a
                class, of nipype's configuration and of a graph goes into it
    values      values as JSON, and back
    hollow      nodes that hold nothing in memory until somebody asks
    engine      the program raphe; failures: what it tells, as nipype tells it
    script      runs a script with Raphe in place of the plugins that it names
    finish      what fMRIPrep and MRIQC do behind their workflow

While it runs, in short-lived processes that Raphe starts:

    zygote      the template from which workers are forked; lean: what it spares
    worker      a worker that is started for itself
    ops         what a worker does; split: the command of a node apart from the rest
    settings    the hand-over's config.json; mainmodule: the script's own classes
    reply       what a worker answers

Nothing is imported here: Python imports this at every start.
"""
