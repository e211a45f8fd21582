// Cataloger "npm-installed": JavaScript packages, from the package.json files of an image.
//
// Format: docs.npmjs.com, "package.json", and the older forms that registries still hold.
#pragma once

#include <memory>
#include <string_view>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

// What it makes of a package.json that has a name and a version:
//   type "npm", language "javascript", order "npm", ecosystem "npm"; purl with the scope as namespace
//   depends: names in dependencies and optionalDependencies; of "npm:NAME@RANGE", the real name
//   attribute "npm:description"
// Which files count depends on where they lie, see Place.
[[nodiscard]] std::unique_ptr<Cataloger> MakeNpmCataloger();

enum class Place {
  // node_modules/NAME/package.json, node_modules/@SCOPE/NAME/package.json, and the same in usr/share/nodejs and
  // usr/lib/nodejs, where Debian installs: counts, even when "private".
  kInstalled,
  // Anywhere else: an application, or a package inside another one (a bundled copy is real code). Counts unless it is
  // "private", which says that it is published nowhere, so no advisory can mean it.
  kOther,
  // Tests, fixtures and examples inside a package, documentation: never counts.
  kIgnored,
};
[[nodiscard]] Place PlaceOf(std::string_view path);

}  // namespace holdfast::catalog
