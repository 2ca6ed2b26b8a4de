package nipype

// elementNode writes the node of an element of a MapNode. Only the MapNode has
// a blob, so the pickle says how nipype makes the element from it:
//
//	node = pickle.loads(blob)
//	MapNode._get_inputs(node)
//	list(MapNode._make_nodes(node))[index][1]
//
// Nothing in a run reads this file; it is for people who look into a node.
func (p *pickler) elementNode(blob []byte, index int) {
	const nodes = "nipype.pipeline.engine.nodes"
	node := func() {
		if p.recall("node") {
			return
		}
		p.call("pickle", "loads", func() { p.bytes(blob) })
		p.keep("node")
	}
	at := func(of func(), i int) func() {
		return func() { p.call("operator", "getitem", of, func() { p.int(int64(i)) }) }
	}
	filled := at(func() { // (MapNode._get_inputs(node), node)[1]
		p.op(opMark)
		p.call(nodes, "MapNode._get_inputs", node)
		node()
		p.op(opTuple)
	}, 1)
	made := func() { p.call("builtins", "list", func() { p.call(nodes, "MapNode._make_nodes", filled) }) }
	at(at(made, index), 1)()
}

// call writes what a function gives when the pickle is read.
func (p *pickler) call(module, name string, args ...func()) {
	p.global(module, name)
	p.op(opMark)
	for _, arg := range args {
		arg()
	}
	p.op(opTuple, opReduce)
}
