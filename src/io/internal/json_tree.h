// The tree behind JsonDocument. Only for the files of this module that fill it.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include "io/json.h"

namespace holdfast::io {

struct JsonDocument::Tree {
  boost::json::monotonic_resource memory;  // outlives root, which is destroyed first
  boost::json::value root = boost::json::value(&memory);
};

}  // namespace holdfast::io
