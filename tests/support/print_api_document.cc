// Prints the API document as the server answers it: for checks in other languages.
#include <cstdio>

#include "api/contract.h"

int main() {
  const auto contract = holdfast::api::Contract::Load();
  if (!contract) {
    std::fprintf(stderr, "%s\n", contract.error().Message().c_str());
    return 1;
  }
  std::puts((*contract)->Json().c_str());
  return 0;
}
