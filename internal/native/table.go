package native

// impls is every implementation, under nipype's name where it has one.
var impls = map[string]*Impl{
	"utility.IdentityInterface": identity,
	"utility.Merge":             merge,
	"utility.Select":            selectItems,
	"utility.Split":             split,
	"utility.Rename":            rename,
	"io.SelectFiles":            selectFiles,
	"io.DataGrabber":            dataGrabber,
	"io.DataSink":               dataSink,
	"io.JSONFileGrabber":        jsonFileGrabber,
	"io.JSONFileSink":           jsonFileSink,
	"io.ExportFile":             exportFile,
}
