package nipypetest

import "strings"

// refused is what Raphe says of a wrong definition: exit status 3.
func refused(what string) result { return result{failure: what, exit: 3} }

func raises(what string) result { return result{failure: what} }

func writes(pairs ...string) result {
	files := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = pairs[i+1]
	}
	return result{files: files}
}

var (
	manyA, manyB = strings.Repeat("a", 260), strings.Repeat("b", 260)
	hashA, hashB = "6d91c87c4a7698bdb93901ffd556a0fe3eb0791f", "eff7de043e869c9d4aeba284455cbc92a82fd9e1"
)

// differences are the cases in which Raphe does not do what nipype does.
var differences = []difference{
	{
		name:       "colliding_values",
		nipype:     writes("wf/_number_s1/put/put.txt", "constant s1", "wf/_number_s.1/put/put.txt", "constant s.1"),
		raphe:      writes("wf/_number_s1/put/put.txt", "constant s1", "wf/_number_s.1-#/put/put.txt", "constant s,1 and constant s.1"),
		nipypeDoes: "runs both in one directory: the last one's files stay, and both nodes give them as their outputs",
		rapheDoes:  "puts a short hash behind the text of each such value: `_number_s.1-8239317bd2c1`",
		why:        "results of one subject must never stand for another's",
	},
	{
		name:       "repeated_values",
		nipype:     writes("wf/_text_1/put/put.txt", "1", "wf/_text_3/put/put.txt", "3", "wf/cat/cat.txt", "3\n1\n3"),
		raphe:      refused(`iterables of node "wf.put" hold 3 twice`),
		nipypeDoes: "runs both in one directory, at the same time under MultiProc",
		rapheDoes:  "refuses",
		why:        "two instances would have one name",
	},
	{
		name:       "same_field_twice",
		nipype:     writes("wf/_x_1/_x_1/put/put.txt", "1 1", "wf/_x_1/_x_2/put/put.txt", "2 1", "wf/_x_2/_x_2/put/put.txt", "2 2"),
		raphe:      writes("wf/_x_1/_x_1/put/put.txt", "1 1", "wf/_x_1/_x_2/put/put.txt", "1 2", "wf/_x_2/_x_1/put/put.txt", "2 1", "wf/_x_2/_x_2/put/put.txt", "2 2"),
		nipypeDoes: "orders the two levels by value, so that (1, 2) and (2, 1) share a directory",
		rapheDoes:  "keeps the order of the two sources",
		why:        "four instances need four directories",
	},
	{
		name:       "long_name_in_bytes",
		nipype:     raises("File name too long"),
		raphe:      writes("wf/cc17e5de2d37d0036bc00fcf59e45db213c0f76d/put/put.txt", strings.Repeat("é", 130)),
		nipypeDoes: "fails: it counts characters, file systems count bytes",
		rapheDoes:  "counts bytes: the level is the hash that nipype uses for longer names",
		why:        "nothing is wrong with the value",
	},
	{
		name: "hashed_levels_in_sink",
		nipype: writes("wf/"+hashA+"/put/put.txt", manyA, "wf/"+hashB+"/put/put.txt", manyB,
			"out/texts/put.txt", manyB),
		raphe: writes("wf/"+hashA+"/put/put.txt", manyA, "wf/"+hashB+"/put/put.txt", manyB,
			"out/texts/"+hashA+"/put.txt", manyA, "out/texts/"+hashB+"/put.txt", manyB),
		nipypeDoes: "drops the level, since the hash does not begin with `_`: the second file replaces the first",
		rapheDoes:  "keeps the level",
		why:        "a result was lost without a word",
	},
	{
		name:       "sink_collision",
		nipype:     writes("wf/ant/put.txt", "ant", "wf/bee/put.txt", "bee", "out/texts/put.txt", "bee"),
		raphe:      refused(`sink "wf.sink" would store two files as `),
		nipypeDoes: "lets the second file replace the first",
		rapheDoes:  "refuses, naming both files; where the names are known only in the run, fails the sink",
		why:        "a result was lost without a word",
	},
	{
		name:       "sink_missing_file",
		nipype:     writes(),
		raphe:      result{failure: "/no/such/file.txt", exit: 1},
		nipypeDoes: "stores nothing and succeeds",
		rapheDoes:  "fails the sink, naming the file",
		why:        "a result that is not there is not stored",
	},
	{
		name:       "join_beside",
		nipype:     writes("wf/_text_1/elsewhere/put.txt", "1", "wf/_text_2/elsewhere/put.txt", "2", "wf/put/put.txt", "ant", "wf/last/datasink.json", `{"files": []}`),
		raphe:      refused(`joinsource "elsewhere" of JoinNode "wf.gather" is not upstream`),
		nipypeDoes: "joins nothing: the field is an empty list, whatever is connected to it",
		rapheDoes:  "refuses",
		why:        "the connected value was dropped without a word",
	},
	{
		name:       "join_constant",
		nipype:     raises("does not have a slot field fileJ2"),
		raphe:      writes("wf/put/put.txt", "ant", "wf/last/datasink.json", `{"n": [1, 2, 3], "file": "{base}/wf/put/put.txt"}`),
		nipypeDoes: "fails when the join runs",
		rapheDoes:  "passes the one value on; where joinfield names the field, refuses",
		why:        "without joinfield there is only one thing that this can mean",
	},
	{
		name:       "empty_map",
		nipype:     raises("Input text was not set but it is listed in iterfields."),
		raphe:      writes("wf/last/datasink.json", `{"files": []}`),
		nipypeDoes: "fails: to its traits an empty list is no value",
		rapheDoes:  "gives an empty list for each output",
		why:        "a list that a tool found may be empty",
	},
	{
		name:       "empty_iterable",
		nipype:     writes("wf/other/put.txt", "other"),
		raphe:      refused(`iterable "text" of node "wf.put" is empty`),
		nipypeDoes: "leaves out the node and all below it, and succeeds",
		rapheDoes:  "refuses",
		why:        "a list of subjects that came out empty is a mistake",
	},
	{
		name:       "unequal_lock_step",
		nipype:     writes("wf/_number_1_text_ant/put/put.txt", "ant 1", "wf/_number_2_text_bee/put/put.txt", "bee 2", "wf/_text_cat/put/put.txt", "cat"),
		raphe:      refused("synchronize"),
		nipypeDoes: "runs the last steps without the field whose list has ended",
		rapheDoes:  "refuses; where a step is to lack a field, the tuple form with None says so",
		why:        "lists that belong together and differ in length are a mistake",
	},
	{
		name: "itersource_missing_key",
		nipype: writes("wf/_subject_s1/_number_1/put/put.txt", "s1 1", "wf/_subject_s1/_number_2/put/put.txt", "s1 2",
			"wf/_subject_s2/put/put.txt", "s2"),
		raphe:      refused(`iterable "number" of node "wf.put" has no list for 's2'`),
		nipypeDoes: "runs once without the field and without a directory for it",
		rapheDoes:  "refuses; an empty list runs nothing for that value",
		why:        "a subject that was forgotten ran with other inputs, without a word",
	},
	{
		name:       "clone_depth",
		nipype:     writes("wf/outer/inner/put/put.txt", "ant", "wf/copy/copy/inner/put/put.txt", "ant"),
		raphe:      writes("wf/outer/inner/put/put.txt", "ant", "wf/copy/inner/put/put.txt", "ant"),
		nipypeDoes: "writes the clone's name twice into the paths of its nested workflows' nodes",
		rapheDoes:  "writes it once",
		why:        "the place of a node is its dotted name",
	},
	{
		name:       "clone_inputs",
		nipype:     writes("wf/step/last/datasink.json", `{"n": 1}`, "wf/twin/last/datasink.json", "{}"),
		raphe:      writes("wf/step/last/datasink.json", `{"n": 1}`, "wf/twin/last/datasink.json", `{"n": 2}`),
		nipypeDoes: "drops what is assigned through the clone's `inputs` view when the node is an identity node",
		rapheDoes:  "sets it",
		why:        "an assignment assigns",
	},
	{
		name:       "two_functions",
		nipype:     raises("Does not support two inline functions in series"),
		raphe:      writes("wf/put/put.txt", "ant", "wf/last/datasink.json", `{"file": "{base}/wf/put/put.txt!?"}`),
		nipypeDoes: "fails when the workflow starts",
		rapheDoes:  "calls one after the other",
		why:        "whether an identity node vanishes is no concern of the author's",
	},
	{
		name:       "lambda_connection",
		nipype:     raises("Functions in connection strings have to be standalone"),
		raphe:      writes("wf/put/put.txt", "ant", "wf/last/datasink.json", `{"file": ["{base}/wf/put/put.txt"]}`),
		nipypeDoes: "accepts it and fails when the value is needed: it keeps the source line, not the function",
		rapheDoes:  "calls it",
		why:        "Raphe keeps the function",
	},
	{
		name:       "misspelt_port",
		nipype:     raises("KeyError: 'output'"),
		raphe:      refused(`has no output "output"`),
		nipypeDoes: "fails when the value is needed; ports of utility interfaces are not checked",
		rapheDoes:  "refuses, and names the nearest port",
		why:        "mistakes are found before anything runs",
	},
	{
		name:       "unused_argument",
		nipype:     writes("wf/put/put.txt", "cat"),
		raphe:      refused(`"iterable"`),
		nipypeDoes: "ignores arguments that it does not know, and runs once",
		rapheDoes:  "refuses, and names the nearest argument",
		why:        "mistakes are found before anything runs",
	},
	{
		name:       "same_position",
		nipype:     writes("wf/say/said.txt", "two"),
		raphe:      refused("position"),
		nipypeDoes: "drops one of them from the command line",
		rapheDoes:  "refuses the tool's description",
		why:        "an input that is set must reach the tool",
	},
	{
		name:       "shell_text",
		nipype:     writes("wf/put/put.txt", "two", "wf/put/three.txt", ""),
		raphe:      writes("wf/put/put.txt", "one;echo two>three.txt"),
		nipypeDoes: "gives the text to a shell, which runs two commands and redirects one",
		rapheDoes:  "splits the text into words, as nipype's users expect, and that is all; no shell is ever involved",
		why:        "a value must not become a command",
	},
	{
		name:       "spaces_in_names",
		nipype:     raises("for output 'out_file' of a Put interface"),
		raphe:      writes("wf/put/a b.txt", "ant", "wf/cat/cat.txt", "ant"),
		nipypeDoes: "does not quote the name for its shell; 1.11 quotes single files, lists of files are still not quoted",
		rapheDoes:  "gives the tool the name as one argument",
		why:        "names of files hold spaces",
	},
	{
		name:       "none_in_lock_step",
		nipype:     writes("wf/_number_1_text_ant/put/put.txt", "ant 1", "wf/_number_3_text_bee/put/put.txt", "bee 3", "wf/_text_cat/put/put.txt", "cat"),
		raphe:      writes("wf/_number_1_text_ant/put/put.txt", "ant 1", "wf/_text_bee/put/put.txt", "bee", "wf/_number_3_text_cat/put/put.txt", "cat 3"),
		nipypeDoes: "takes the None out of the list, so that all later values of the field come one step early",
		rapheDoes:  "leaves the field alone in that step",
		why:        "a subject ran with the next one's value",
	},
	{
		name:       "name_source_chain",
		nipype:     writes("wf/names/names.txt", "scan.nii.gz scan_first.nii.gz scan_first.nii.gz_second pre_scan.nii pre_%s_third.nii"),
		raphe:      writes("wf/names/names.txt", "scan.nii.gz scan_first.nii.gz scan_first_second.nii.gz pre_scan.nii pre_scan_third.nii"),
		nipypeDoes: "leaves the extension in the middle, or a literal `%s`",
		rapheDoes:  "makes the second name from the first as it is on the command line",
		why:        "a name made from a name should be made the same way",
	},
	{
		name:       "failing_tool",
		nipype:     raises("No such file or directory"),
		raphe:      result{failure: "exit status 1", exit: 1},
		nipypeDoes: "reports the output that is missing; the exit status is lost",
		rapheDoes:  "reports the exit status first, then the last lines of standard error",
		why:        "the output is missing because the tool failed",
	},
	{
		name:       "long_nested_map",
		nipype:     raises("RecursionError"),
		raphe:      writes("wf/last/datasink.json", `{"n": 2000}`),
		nipypeDoes: "fails: it flattens the list with one level of recursion for each element",
		rapheDoes:  "runs",
		why:        "a list may be long",
	},
}
