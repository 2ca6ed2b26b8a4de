package native

import (
	"context"
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// textFile writes text to a file. It is Raphe's own: functions in a definition
// write no files, and tools want designs, lists and parameters in some.
var textFile = &Impl{
	Help: "Write text, or a list of lines, to a file.",
	Ports: ports([]iface.Input{
		in("text", strType, "the text, as it stands"),
		in("lines", listOf(anyType), "one line each; lists are joined by blanks"),
		place(opt("out_file", strType, value.String("text.txt"), "the file; a relative path lies in the working directory")),
	}, out("out_file", fileType, "the file")),
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		if c.Inputs.Has("text") == c.Inputs.Has("lines") {
			return nil, fmt.Errorf("give text or lines, one of the two")
		}
		content := c.Inputs.Str("text")
		lines, _ := value.Items(c.Inputs.Get("lines"))
		for _, line := range lines {
			var words []string
			for _, v := range asList(line) {
				words = append(words, value.Text(v))
			}
			content += strings.Join(words, " ") + "\n"
		}
		path, err := c.outPath(text(c.Inputs, "out_file", "text.txt"))
		if err != nil {
			return nil, err
		}
		return output("out_file", value.String(path)), writeFile(path, []byte(content))
	},
}
