// Completion scripts and the manual page, made from the command line's own definition.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::cli {

// `shell`: bash, zsh or fish.
[[nodiscard]] std::string CompletionScript(std::string_view shell);
// holdfast(1), in man(7) roff.
[[nodiscard]] std::string ManualPage();

}  // namespace holdfast::cli
