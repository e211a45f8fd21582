// Replays the seeds of one fuzz target, each whole, truncated and with flipped bytes, so that the
// ordinary test run exercises every parser with damaged input. The mutations are the same each run.
//
//   hf_fuzz_NAME CORPUS-FOLDER [MUTATIONS-PER-SEED]

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Content = std::vector<std::uint8_t>;

Content Read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Run(const Content& input) {
  // A fresh heap copy, so that the sanitizer sees each read past the end.
  const Content exact(input.begin(), input.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

void Mutate(const Content& seed, int count, std::mt19937& random) {
  for (int i = 0; i < count && !seed.empty(); ++i) {
    Content copy = seed;
    if (random() % 4 == 0) copy.resize(random() % copy.size());
    const unsigned flips = copy.empty() ? 0 : 1 + random() % 8;
    for (unsigned flip = 0; flip < flips; ++flip)
      copy[random() % copy.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : 0xff * (random() & 1));
    Run(copy);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || !std::filesystem::is_directory(argv[1])) {
    std::fprintf(stderr, "usage: %s CORPUS-FOLDER [MUTATIONS-PER-SEED]\n", argv[0]);
    return 2;
  }
  const int mutations = argc > 2 ? std::atoi(argv[2]) : 200;
  std::vector<std::filesystem::path> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
    if (entry.is_regular_file()) seeds.push_back(entry.path());
  if (seeds.empty()) {
    std::fprintf(stderr, "no seeds in %s\n", argv[1]);
    return 1;
  }
  std::sort(seeds.begin(), seeds.end());
  std::mt19937 random(1);
  Run({});
  for (const auto& path : seeds) {
    const Content seed = Read(path);
    Run(seed);
    // Large seeds are slow to copy and parse: fewer mutations, the same work in all.
    Mutate(seed, seed.size() > 65536 ? mutations / 10 : mutations, random);
  }
  std::printf("%zu seeds replayed\n", seeds.size());
  return 0;
}
