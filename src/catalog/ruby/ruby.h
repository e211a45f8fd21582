// Cataloger "ruby-installed": installed gems, from the specifications folders of RubyGems, Bundler and Debian.
#pragma once

#include <memory>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a specification (see ParseGemspec):
//   type "gem", language "ruby", order "gem", ecosystem "RubyGems"; purl with platform, unless that is "ruby"
//   files: those of the specification that are there, under gems/NAME-VERSION beside the specifications folder;
//   RubyGems leaves most out when it writes a specification for installation
//   attributes "gem:default" ("true" for gems that come with Ruby), "gem:platform", "gem:summary"
// A name or version that is not a literal is taken from the name of the file.
[[nodiscard]] std::unique_ptr<Cataloger> MakeRubyCataloger();

}  // namespace holdfast::catalog
