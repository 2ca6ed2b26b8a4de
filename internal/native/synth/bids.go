package synth

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/nifti"
)

// derivatives is where masks, segmentations and motion lie: they are not part
// of a raw BIDS dataset.
const derivatives = "derivatives/synth/"

const bidsVersion = "1.8.0"

const readme = `A synthetic dataset: heads of three ellipsoids (cerebrospinal fluid, grey and
white matter), functional series with known drift, spikes, motion and noise.
Nobody was scanned. What is in the files is written in code/truth.json.
`

// writeDescriptions writes what BIDS wants at the root.
func writeDescriptions(opts Options) error {
	var table strings.Builder
	table.WriteString("participant_id\tage\tsex\n")
	for n := range opts.Subjects {
		fmt.Fprintf(&table, "sub-%02d\tn/a\tn/a\n", n+1)
	}
	for name, text := range map[string]string{"README": readme, "participants.tsv": table.String()} {
		if err := writeText(opts.Dir, name, text); err != nil {
			return err
		}
	}
	for name, v := range map[string]any{
		"dataset_description.json": map[string]any{
			"Name": "Synthetic heads", "BIDSVersion": bidsVersion, "DatasetType": "raw", "License": "CC0",
			"Authors": []string{"raphe synth"},
		},
		derivatives + "dataset_description.json": map[string]any{
			"Name": "Truth of the synthetic heads", "BIDSVersion": bidsVersion, "DatasetType": "derivative",
			"GeneratedBy": []any{map[string]string{"Name": "raphe synth"}},
		},
		"participants.json": map[string]any{
			"age": map[string]string{"Description": "none: nobody was scanned", "Units": "year"},
			"sex": map[string]string{"Description": "none: nobody was scanned"},
		},
	} {
		if err := writeJSON(opts.Dir, name, v); err != nil {
			return err
		}
	}
	return nil
}

// inside is the path of a file of the dataset.
func inside(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }

// ready makes the folder that a file will lie in.
func ready(dir, name string) (string, error) {
	path := inside(dir, name)
	return path, os.MkdirAll(filepath.Dir(path), 0o777)
}

func writeText(dir, name, text string) error {
	path, err := ready(dir, name)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o666)
}

// writeJSON writes keys of maps in order, so that the bytes don't change.
func writeJSON(dir, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeText(dir, name, string(text)+"\n")
}

func createImage(dir, name string, h *nifti.Header) (*nifti.Writer, error) {
	path, err := ready(dir, name)
	if err != nil {
		return nil, err
	}
	return nifti.Create(path, h)
}
