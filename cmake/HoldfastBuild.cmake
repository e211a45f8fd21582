# Build settings, and the four functions by which each part of the tree is declared:
#   hf_module(NAME …)  hf_plugin(PARENT NAME …)  hf_fuzz(NAME …)  hf_bench(NAME …)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(HOLDFAST_TESTS "Build the tests" OFF)
option(HOLDFAST_BENCH "Build the benchmarks" OFF)
option(HOLDFAST_FUZZ "Build libFuzzer targets instead of corpus replays" OFF)
option(HOLDFAST_TIDY "Run clang-tidy on each compilation" OFF)
option(HOLDFAST_WERROR "Warnings are errors" OFF)
set(HOLDFAST_SANITIZE "" CACHE STRING "Value for -fsanitize")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
# Test: some optimisation, assertions of the standard library, line tables only (fast to build and link).
set(CMAKE_CXX_FLAGS_TEST "-O1 -gline-tables-only -D_GLIBCXX_ASSERTIONS" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -fstack-protector-strong -D_FORTIFY_SOURCE=2" CACHE STRING "" FORCE)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(hf_settings INTERFACE)
target_include_directories(hf_settings INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(hf_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    # Options structs are built by naming what differs from their defaults.
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(hf_settings INTERFACE -Wthread-safety)
endif()
if(HOLDFAST_WERROR)
  target_compile_options(hf_settings INTERFACE -Werror)
endif()
if(HOLDFAST_SANITIZE)
  target_compile_options(hf_settings INTERFACE -fsanitize=${HOLDFAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hf_settings INTERFACE -fsanitize=${HOLDFAST_SANITIZE})
endif()
if(HOLDFAST_FUZZ)
  target_compile_options(hf_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL Release)
  target_link_options(hf_settings INTERFACE -Wl,-z,relro,-z,now -Wl,--gc-sections)
  target_compile_options(hf_settings INTERFACE -ffunction-sections -fdata-sections)
endif()

function(hf_production_options target)
  # A static constructor is a mutable global, or a registration that happens behind everybody's back.
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang AND NOT HOLDFAST_FUZZ)
    target_compile_options(${target} PRIVATE -Wglobal-constructors)
  endif()
  if(HOLDFAST_TIDY)
    set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "clang-tidy-19;--quiet;--warnings-as-errors=*")
  endif()
endfunction()

# The library of one folder, and the test program of its *_test.cc files.
function(hf_library target folder)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ARG_DEPS PREPEND hf_)
  list(TRANSFORM ARG_TEST_DEPS PREPEND hf_)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC hf_settings ${ARG_DEPS} PRIVATE ${ARG_LIBS})
    hf_production_options(${target})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE hf_settings ${ARG_DEPS})
  endif()
  if(HOLDFAST_TESTS AND tests)
    hf_test(${target}_test SOURCES ${tests} LIBS ${target} ${ARG_TEST_DEPS} ${ARG_TEST_LIBS} FOLDER ${folder})
  endif()
endfunction()

# A GoogleTest program; HF_TESTDATA is its folder's testdata, HF_SOURCE_DIR the repository.
function(hf_test target)
  cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;LIBS" ${ARGN})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE hf_settings ${ARG_LIBS} hf_test_support GTest::gmock GTest::gtest GTest::gtest_main)
  target_precompile_headers(${target} REUSE_FROM hf_test_pch)
  target_compile_definitions(${target} PRIVATE HF_TESTDATA="${ARG_FOLDER}/testdata" HF_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${target} COMMAND ${target} --gtest_brief=1 --gtest_output=xml:${CMAKE_BINARY_DIR}/results/${target}.xml)
  # A worker that reports a race is another process: its exit code is nobody's.
  set_tests_properties(${target} PROPERTIES TIMEOUT 600 FAIL_REGULAR_EXPRESSION "WARNING: ThreadSanitizer")
endfunction()

# src/NAME: hf_module(io DEPS base LIBS ZLIB::ZLIB TEST_DEPS …)
function(hf_module name)
  hf_library(hf_${name} ${CMAKE_SOURCE_DIR}/src/${name} ${ARGN})
endfunction()

# src/PARENT/NAME, linked into whatever lists it.
function(hf_plugin parent name)
  hf_library(hf_${parent}_${name} ${CMAKE_SOURCE_DIR}/src/${parent}/${name} ${ARGN})
  set_property(GLOBAL APPEND PROPERTY HF_PLUGINS_${parent} hf_${parent}_${name})
endfunction()

# fuzz/NAME_fuzz.cc with seeds in fuzz/corpus/NAME. Under the fuzz preset a libFuzzer program; otherwise
# a test that replays the corpus with mutations (see fuzz/replay_main.cc).
function(hf_fuzz name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND hf_)
  set(target hf_fuzz_${name})
  add_executable(${target} ${CMAKE_SOURCE_DIR}/fuzz/${name}_fuzz.cc)
  target_link_libraries(${target} PRIVATE hf_settings ${ARG_DEPS})
  if(HOLDFAST_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
    add_test(NAME ${target} COMMAND ${target} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${name})
    set_tests_properties(${target} PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# Puts files into the binary: OUTPUT, a C++ file made from TEMPLATE, whose @FILES@ becomes one
# `{"NAME", R"(content)"},` for each, in order. Files are text without `)~"`; they are read when they change.
function(hf_embed target)
  cmake_parse_arguments(ARG "" "TEMPLATE;OUTPUT" "FILES" ${ARGN})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${ARG_OUTPUT})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DTEMPLATE=${ARG_TEMPLATE} "-DFILES=${ARG_FILES}" -P ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${ARG_FILES} ${ARG_TEMPLATE} ${CMAKE_SOURCE_DIR}/cmake/EmbedFiles.cmake VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

function(hf_bench name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND hf_)
  add_executable(bench_${name} ${CMAKE_SOURCE_DIR}/bench/${name}_bench.cc)
  target_link_libraries(bench_${name} PRIVATE hf_settings ${ARG_DEPS} ${ARG_LIBS} benchmark::benchmark)
endfunction()
