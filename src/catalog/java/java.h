// Java packages, from what archives say of themselves: Maven's pom.properties, the manifest, the file's name.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/cataloger.h"

namespace holdfast::catalog {

[[nodiscard]] std::unique_ptr<Cataloger> MakeJavaArchiveCataloger();

// "Name: value" pairs of the main section of a manifest, names in lower case, continuation lines joined (JAR
// File Specification, "Name-Value pairs and Sections"). Lines that are none are passed over.
using JavaAttributes = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] JavaAttributes ParseManifest(std::string_view text);

// The properties of a .properties file (java.util.Properties.load), without line continuations inside keys.
[[nodiscard]] JavaAttributes ParseProperties(std::string_view text);

// "log4j-core-2.14.1.jar" → log4j-core and 2.14.1. The version begins at the first '-' or '_' before a digit; empty
// when there is none.
struct JavaFileName {
  std::string name, version;
  friend bool operator==(const JavaFileName&, const JavaFileName&) = default;
};
[[nodiscard]] JavaFileName ParseJavaFileName(std::string_view path);

}  // namespace holdfast::catalog
