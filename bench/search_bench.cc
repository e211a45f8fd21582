// What searching costs: texts and a program through the searcher alone, and a tar of them through the walk without and
// with it. Target: the walk is not slower by a tenth.

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "catalog/builtin/builtin.h"
#include "catalog/distro.h"
#include "catalog/walk.h"
#include "image/tar_header.h"

namespace holdfast::catalog {
namespace {

constexpr std::size_t kFileBytes = 64 * 1024;
constexpr std::size_t kFiles = 1024;

const SearchPlan& Plan() {
  static const auto& plan = *new auto(*SearchPlan::Make(DefaultSearchConfig()));
  return *plan;
}

// Words of programs and of prose, in lines of some 60 characters.
const std::string& Text() {
  static const std::string& text = *[] {
    constexpr std::string_view kWords[] = {"the",    "private",     "int",  "return",   "key",  "author", "of",
                                           "static", "Asia",        "api",  "access",   "for",  "=",      "secret",
                                           "{",      "certificate", "void", "std::map", "0x7f", "begin"};
    auto* made = new std::string;
    std::mt19937 random(1);
    for (std::size_t column = 0; made->size() < kFileBytes; ++column) {
      made->append(kWords[random() % std::size(kWords)]);
      made->push_back(column % 10 == 9 ? '\n' : ' ');
    }
    made->resize(kFileBytes);
    return made;
  }();
  return text;
}

void SearchText(benchmark::State& state) {
  const Limits limits;
  ContentSearcher searcher(Plan(), limits);
  for (auto _ : state) {
    if (searcher.Begin(kFileBytes)) searcher.Write(AsBytes(Text()));
    benchmark::DoNotOptimize(searcher.Finish());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kFileBytes));
}
BENCHMARK(SearchText);

const std::string& Tar() {
  static const std::string& tar = *[] {
    auto* made = new std::string;
    for (std::size_t i = 0; i < kFiles; ++i) {
      made->append(
          image::TarHeader({.path = "usr/share/doc/" + std::to_string(i), .mode = 0644, .size = Text().size()}));
      made->append(Text()).append(image::TarPadding(Text().size()), '\0');
    }
    return &made->append(image::TarEnd());
  }();
  return tar;
}

void Walk(benchmark::State& state, const SearchPlan* plan) {
  const auto catalogers = BuiltinCatalogers();
  const Limits limits;
  const ClaimIndex claims(catalogers, DistroClaims(), limits);
  for (auto _ : state) {
    io::MemorySource source(Tar(), 256 * 1024);
    benchmark::DoNotOptimize(WalkTar(source, claims, limits, plan));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(Tar().size()));
}
void WalkAlone(benchmark::State& state) { Walk(state, nullptr); }
void WalkAndSearch(benchmark::State& state) { Walk(state, &Plan()); }
BENCHMARK(WalkAlone);
BENCHMARK(WalkAndSearch);

}  // namespace
}  // namespace holdfast::catalog

BENCHMARK_MAIN();
