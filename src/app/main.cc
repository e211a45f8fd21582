// The one program. It is also its own confined worker, see service/analyzer.h.

#include <clocale>
#include <csignal>
#include <cstring>

#include "app/serve.h"
#include "cli/run.h"
#include "service/analyzer.h"

int main(int argc, char** argv) {
  // A reader that goes away, or a file as large as it may be, is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (argc == 2 && std::strcmp(argv[1], "__worker") == 0) return holdfast::service::RunWorker();
  std::setlocale(LC_CTYPE, "C.UTF-8");  // the widths of characters on the terminal
  return holdfast::cli::Run(argc, argv, holdfast::app::ServiceCommandsOfThisProgram());
}
