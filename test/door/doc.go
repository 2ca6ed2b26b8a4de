// Package doortest holds the door for nipype's workflows against nipype itself:
// what a workflow leaves behind when Raphe runs it must be what nipype's own
// Linear plugin leaves behind, and each must find the other's work done.
//
//	flows/*.py       workflows; each is run in every way that flows.py knows
//	flows.py         runs them: Linear, Raphe, each twice and on top of the other
//	tree.py          lists a tree of nipype's as JSON that can be compared
//	suite/           makes Raphe the plugin of nipype's own tests
//
// Nothing that is expected is written down: it is what nipype does when the test
// runs. The tests need Debian's python3-nipype and fail without it. The variable
// RAPHE_TEST_PYTHON names another interpreter, say that of a virtual environment
// with the newest nipype and pytest.
package doortest
