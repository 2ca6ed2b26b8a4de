package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// exportFile copies one file to an absolute path.
//
// Differs from nipype: a file of equal content at out_file is no obstacle without clobber, so that a run can be resumed; a folder there is an error; two files for one path in one run are an error; .NII and .nii are one extension.
var exportFile = &Impl{
	Help: "Copy one file to an absolute path.",
	Ports: ports([]iface.Input{
		need("in_file", inFile, "the file"),
		place(need("out_file", strType, "the path to copy it to")),
		opt("check_extension", boolType, value.Bool(true), "refuse another extension than that of in_file"),
		in("clobber", boolType, "replace a file that is there"),
	}, out("out_file", fileType, "the copy")),
	Check: func(_, inputs value.Record) error {
		if to := inputs.Str("out_file"); inputs.Has("out_file") && !filepath.IsAbs(to) {
			return fmt.Errorf("out_file %q is no absolute path", to)
		}
		return nil
	},
	Publishes: true,
	Run: func(ctx context.Context, c *Call) (value.Record, error) {
		from, to := c.Inputs.Str("in_file"), c.Inputs.Str("out_file")
		if !filepath.IsAbs(to) {
			return nil, fmt.Errorf("out_file %q is no absolute path", to)
		}
		_, _, fromExt := pytext.SplitExt(from)
		_, _, toExt := pytext.SplitExt(to)
		if boolOr(c.Inputs, "check_extension", true) && !strings.EqualFold(fromExt, toExt) {
			return nil, fmt.Errorf("%s and %s have different extensions; check_extension = False allows that", from, to)
		}
		if c.Claim != nil {
			if err := c.Claim(filepath.Clean(to), from); err != nil {
				return nil, err
			}
		}
		if err := checkClobber(ctx, c, from, to); err != nil {
			return nil, err
		}
		return output("out_file", value.String(to)), publish(ctx, from, to, byReflink)
	},
}

func checkClobber(ctx context.Context, c *Call, from, to string) error {
	if c.Inputs.Bool("clobber") {
		return nil
	}
	if _, err := os.Lstat(to); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	src, err := os.Stat(from)
	if err != nil {
		return err
	}
	same, err := upToDate(ctx, from, to, src, byReflink)
	if err == nil && !same {
		err = fmt.Errorf("%s is there already and differs from %s; clobber = True replaces it", to, from)
	}
	return err
}
