// The whole command line program but for main.
#pragma once

namespace holdfast::cli {

// Runs one command and returns the process's exit code. Data goes to standard output, talk to standard error.
int Run(int argc, const char* const* argv);

}  // namespace holdfast::cli
