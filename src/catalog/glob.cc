#include "catalog/glob.h"

namespace holdfast::catalog {
namespace {

// '*' within one path segment, iteratively: on a mismatch the last '*' takes one character more.
bool SegmentMatches(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g, ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

std::string_view TakeSegment(std::string_view& path, bool& last) {
  const std::size_t slash = path.find('/');
  const std::string_view segment = path.substr(0, slash);
  last = slash == std::string_view::npos;
  path.remove_prefix(last ? path.size() : slash + 1);
  return segment;
}

}  // namespace

// The same idea one level up: "**" is a star over whole segments.
bool GlobMatches(std::string_view glob, std::string_view path) {
  std::string_view glob_rest = glob, path_rest = path;
  std::string_view star_glob, star_path;
  bool have_star = false, glob_done = false, path_done = false;
  const auto backtrack = [&] {
    if (!have_star || star_path.find('/') == std::string_view::npos) return false;
    star_path.remove_prefix(star_path.find('/') + 1);
    glob_rest = star_glob;
    path_rest = star_path;
    glob_done = path_done = false;
    return true;
  };
  while (true) {
    if (glob_rest.starts_with("**/")) {
      glob_rest.remove_prefix(3);
      have_star = true;
      star_glob = glob_rest;
      star_path = path_rest;
      continue;
    }
    const std::string_view wanted = TakeSegment(glob_rest, glob_done);
    const std::string_view segment = TakeSegment(path_rest, path_done);
    if (SegmentMatches(wanted, segment) && glob_done == path_done) {
      if (glob_done) return true;
      continue;
    }
    // A mismatch, or one side ended first: let the last "**" swallow one more folder.
    if (!backtrack()) return false;
  }
}

}  // namespace holdfast::catalog
