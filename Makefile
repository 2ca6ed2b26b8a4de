.PHONY: build wheel names test race fuzz bench lint clean

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/raphe ./cmd/raphe

# one pip install: the Python package with the binary in it, for linux/amd64 and linux/arm64
wheel:
	go run ./python/wheel

# the list of tools that the Python package knows
names:
	go run ./cmd/raphe interface list --names > python/raphe_nipype/catalogue.new
	mv python/raphe_nipype/catalogue.new python/raphe_nipype/catalogue.txt

test:
	go test ./...

race:
	go test -race ./...

lint:
	gofmt -l $$(git ls-files '*.go')
	go vet ./...
	go tool -modfile=tools/go.mod staticcheck ./...

fuzz:
	bash test/fuzz

bench:
	go run ./bench $(BENCH)

clean:
	rm -rf bin dist
