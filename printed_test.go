// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// printers are what text leaves the program by, towards a person: functions by
// their full name, and types and fields that hold what is said. Their text is a
// plain string, which may be anything.
var printers = []string{
	"builtin.print", "builtin.println",
	"fmt.Print", "fmt.Printf", "fmt.Println", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln",
	"log.Fatal", "log.Fatalf", "log.Fatalln", "log.Print", "log.Printf", "log.Println", "log.Panic", "log.Panicf", "log.Panicln",
	"io.WriteString", "(*os.File).Write", "(*os.File).WriteString",
	"(*flag.FlagSet).SetOutput",
	"charm.land/lipgloss/v2.Fprint", "charm.land/lipgloss/v2.Fprintf", "charm.land/lipgloss/v2.Fprintln",
	"charm.land/lipgloss/v2.Print", "charm.land/lipgloss/v2.Printf", "charm.land/lipgloss/v2.Println",
	"charm.land/bubbletea/v2.NewView",
	framework + "diag.NewErrorDiagnostic", framework + "diag.NewWarningDiagnostic",
	framework + "diag.NewAttributeErrorDiagnostic", framework + "diag.NewAttributeWarningDiagnostic",
	"(*" + framework + "diag.Diagnostics).AddError", "(*" + framework + "diag.Diagnostics).AddWarning",
	"(*" + framework + "diag.Diagnostics).AddAttributeError", "(*" + framework + "diag.Diagnostics).AddAttributeWarning",
	framework + "function.NewFuncError", framework + "function.NewArgumentFuncError", framework + "function.FuncError",
	framework + "action.InvokeProgressEvent", framework + "list.ListResult.DisplayName",
	protocol + "Diagnostic", protocol + "FunctionError", protocol + "ProgressInvokeActionEventType",
	tflog + "Trace", tflog + "Debug", tflog + "Info", tflog + "Warn", tflog + "Error",
}

const (
	framework = "github.com/hashicorp/terraform-plugin-framework/"
	protocol  = "github.com/hashicorp/terraform-plugin-go/tfprotov6."
	tflog     = "github.com/hashicorp/terraform-plugin-log/tflog."
	safe      = module + "/internal/escape.Text"
)

// mayPrint are the functions that may use a printer, with how often they do. Each
// takes texts of package escape, or escapes what it prints.
var mayPrint = map[string]int{
	"main.main":              4, // the version, how to use it, and why it cannot serve
	"provider.errorAt":       2,
	"provider.warningAt":     2,
	"provider.progressOf":    1,
	"provider.startTerminal": 1,
	"provider.argumentError": 1,
	"provider.listed":        1, // a name for "terraform query"
	"provider.Handle":        4, // the log, whose messages and fields are escaped
	"provider.InvokeAction":  1,
	"status.printf":          1,
	"status.Write":           1,
	"status.once":            1, // drawn from texts
	"status.watchAndLeave":   1,
	"status.View":            1,
	"status.parse":           2,
}

// says are the functions that everything else has to go through.
var says = []string{
	"provider.errorAt", "provider.warningAt", "provider.argumentError", "provider.progressOf", "status.printf",
	"(*log/slog.Logger).Debug", "(*log/slog.Logger).Info", "(*log/slog.Logger).Warn", "(*log/slog.Logger).Error",
	"(*log/slog.Logger).DebugContext", "(*log/slog.Logger).InfoContext", "(*log/slog.Logger).WarnContext", "(*log/slog.Logger).ErrorContext",
	"(*log/slog.Logger).Log", "(*log/slog.Logger).LogAttrs",
}

// TestPrinted finds every place of the program in which text reaches a person. It
// fails for one that is not in mayPrint, and where a string becomes an
// escape.Text without being escaped. The compiler does the rest: what those
// functions take is an escape.Text.
func TestPrinted(t *testing.T) {
	found, places := map[string]int{}, map[string]int{}
	for _, pkg := range typedPackages(t) {
		for _, file := range pkg.files {
			pkg.inspect(t, file, found, places)
		}
	}
	for function, want := range mayPrint {
		if found[function] != want {
			t.Errorf("%s prints in %d places, and mayPrint says %d", function, found[function], want)
		}
		places["in the functions of mayPrint"] += found[function]
	}
	all := 0
	for _, name := range slices.Sorted(maps.Keys(places)) {
		t.Logf("%4d  %s", places[name], name)
		all += places[name]
	}
	t.Logf("%4d  places in which text reaches a person", all)
	if all < 100 {
		t.Error("that cannot be all of them")
	}
}

func (p *typedPackage) inspect(t *testing.T, file *ast.File, found, places map[string]int) {
	inFunction := func(pos token.Pos) string {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Pos() <= pos && pos < fn.End() {
				return p.types.Name() + "." + fn.Name.Name
			}
		}
		return p.types.Name() + "."
	}
	use := func(name string, pos token.Pos) {
		where := inFunction(pos)
		if _, ok := mayPrint[where]; !ok {
			t.Errorf("%s: %s may not use %s: what it prints need not be escaped", p.fset.Position(pos), where, name)
		}
		found[where]++
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			name := p.called(node)
			short := strings.TrimPrefix(name, module+"/internal/")
			switch {
			case name == safe && p.info.Types[node.Args[0]].Value == nil && p.types.Name() != "escape":
				t.Errorf("%s: a string becomes an escape.Text without being escaped", p.fset.Position(node.Pos()))
			case slices.Contains(says, short):
				places[short]++
			case slices.Contains(printers, name) && !p.elsewhere(node):
				use(name, node.Pos())
			}
		case *ast.CompositeLit:
			if name := types.TypeString(p.info.TypeOf(node), nil); slices.Contains(printers, name) {
				use(name, node.Pos())
			}
		case *ast.AssignStmt:
			for _, left := range node.Lhs {
				if field, ok := left.(*ast.SelectorExpr); ok {
					if name := types.TypeString(p.info.TypeOf(field.X), nil) + "." + field.Sel.Name; slices.Contains(printers, name) {
						use(name, node.Pos())
					}
				}
			}
		}
		return true
	})
}

// called is the full name of the function or type that is called.
func (p *typedPackage) called(call *ast.CallExpr) string {
	if conversion := p.info.Types[call.Fun]; conversion.IsType() {
		return types.TypeString(conversion.Type, nil)
	}
	var id *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return ""
	}
	switch callee := p.info.Uses[id].(type) {
	case *types.Func:
		return callee.Origin().FullName()
	case *types.Builtin:
		return "builtin." + callee.Name()
	}
	return ""
}

// TestAdvice_withoutTarget finds advice to apply a part of a configuration, which
// Terraform's documentation reserves for recovery from mistakes.
func TestAdvice_withoutTarget(t *testing.T) {
	for _, pattern := range []string{"internal/provider/*.go", "internal/ossclient/*.go", "internal/resumable/*.go", "internal/status/*.go", "templates/*/*", "templates/*.tmpl", "README.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "-target") {
				t.Errorf("%s: advises -target, or %v", file, err)
			}
		}
	}
}

// elsewhere reports whether what is printed goes to no person: into memory, or
// into a file of one of the packages that do not speak to people.
func (p *typedPackage) elsewhere(call *ast.CallExpr) bool {
	if strings.HasPrefix(p.called(call), "(*os.File).") {
		return !slices.Contains([]string{"main", "provider", "status"}, p.types.Name())
	}
	if len(call.Args) == 0 {
		return false
	}
	switch types.TypeString(p.info.TypeOf(call.Args[0]), nil) {
	case "*strings.Builder", "*bytes.Buffer", "hash.Hash", "fmt.State":
		return true
	}
	return false
}

type typedPackage struct {
	fset  *token.FileSet
	files []*ast.File
	types *types.Package
	info  *types.Info
}

// typedPackages are the packages of the program, with their types. The compiler
// has written those of everything that they import.
func typedPackages(t *testing.T) []*typedPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Module", ".")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		Module                  *struct{ Path string }
	}
	exports := map[string]string{}
	var ours []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg listed
		if err := decoder.Decode(&pkg); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[pkg.ImportPath] = pkg.Export
		if pkg.Module != nil && pkg.Module.Path == module {
			ours = append(ours, pkg)
		}
	}
	fset := token.NewFileSet()
	imported := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var pkgs []*typedPackage
	for _, pkg := range ours {
		p := &typedPackage{fset: fset, info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{},
		}}
		for _, name := range pkg.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			p.files = append(p.files, file)
		}
		if p.types, err = (&types.Config{Importer: imported}).Check(pkg.ImportPath, fset, p.files, p.info); err != nil {
			t.Fatal(fmt.Errorf("%s: %w", pkg.ImportPath, err))
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}
