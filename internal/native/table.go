package native

// impls is every implementation, under nipype's name where it has one.
var impls = map[string]*Impl{
	"utility.IdentityInterface": identity,
	"utility.Merge":             merge,
	"utility.Select":            selectItems,
	"utility.Split":             split,
	"utility.Rename":            rename,
	"utility.CSVReader":         csvReader,
	"utility.AssertEqual":       assertEqual,

	"io.SelectFiles":      selectFiles,
	"io.DataGrabber":      dataGrabber,
	"io.DataFinder":       dataFinder,
	"io.DataSink":         dataSink,
	"io.ExportFile":       exportFile,
	"io.FreeSurferSource": freeSurferSource,
	"io.JSONFileGrabber":  jsonFileGrabber,
	"io.JSONFileSink":     jsonFileSink,
	"io.CSVFile":          csvFile,  // Raphe's own
	"io.TextFile":         textFile, // Raphe's own

	"algorithms.misc.AddCSVRow":                   addCSVRow,
	"algorithms.misc.Gunzip":                      gunzip,
	"algorithms.misc.TSNR":                        tsnr, // nipype's older name
	"algorithms.confounds.TSNR":                   tsnr,
	"algorithms.confounds.ComputeDVARS":           computeDVARS,
	"algorithms.confounds.FramewiseDisplacement":  framewiseDisplacement,
	"algorithms.confounds.NonSteadyStateDetector": nonSteadyState,

	"synthetic.BIDSDataset": bidsDataset, // Raphe's own
}
