// Cataloger "python-installed": Python packages installed in any site-packages folder: wheels (*.dist-info), and the
// older eggs (*.egg-info as a folder or a file, EGG-INFO inside an unpacked egg).
//
// Formats: packaging.python.org, "Core metadata specifications" and "Recording installed projects"; setuptools' "The
// Internal Structure of Python Eggs".
#pragma once

#include <memory>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a metadata file:
//   type and language "python", order "pep440", ecosystem "PyPI"; the name as written, its normal form (PEP 503) as
//   advisory name, in the purl and among `provides`
//   depends: normal names from Requires-Dist (requires.txt of eggs); what only an extra asks for is left out, what
//   depends on the environment is kept
//   files: of RECORD, with digests, or of installed-files.txt
//   licences: License-Expression; else License, when it is one line; else the classifiers
//   attributes "python:commit", "python:direct-url", "python:editable" (PEP 610), "python:requires-python",
//   "python:site-packages", "python:summary", "python:top-level"
// A name or version that the file lacks is taken from the name of the folder.
[[nodiscard]] std::unique_ptr<Cataloger> MakePythonCataloger();

// PEP 503: lower case, each run of '-', '_' and '.' becomes one '-'.
[[nodiscard]] std::string NormalPythonName(std::string_view name);

}  // namespace holdfast::catalog
