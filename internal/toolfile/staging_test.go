package toolfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// The elements of a list are brought into place under numbered names.
func TestStagedNamesAreNumbered(t *testing.T) {
	f, err := Resolve(iface.Ref{Name: "ants.CorticalThickness"})
	if err != nil {
		t.Fatal(err)
	}
	in := value.Record{}
	for _, name := range []string{"anatomical_image", "brain_template", "brain_probability_mask", "t1_registration_template"} {
		in = in.With(name, value.String("/d/"+name+".nii.gz"))
	}
	in = in.With("segmentation_priors", value.Strings("/d/csf.nii.gz", "/d/gm.nii.gz"))
	line, err := f.CommandLine(in, iface.Context{Dir: "/w"})
	if err != nil {
		t.Fatal(err)
	}
	want := []iface.Staged{
		{From: "/d/csf.nii.gz", To: "/w/nipype_priors/BrainSegmentationPrior01.nii.gz", Copy: true},
		{From: "/d/gm.nii.gz", To: "/w/nipype_priors/BrainSegmentationPrior02.nii.gz", Copy: true},
	}
	if diff := cmp.Diff(want, line.Stage); diff != "" {
		t.Error(diff)
	}
}
