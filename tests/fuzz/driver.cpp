// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target where there is no libFuzzer: the corpus as it is, then changed by a generator that begins with the
// same number each time, so that what it finds it finds again.
//
//   PROGRAM [-runs=N] [-seed=N] [-dict=FILE] [-artifact=FILE] CORPUS-FOLDER-OR-FILE...
#include <tests/fuzz/fuzz.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

/// Sanitizers end by SIGABRT as everything else, so that the input can be kept.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "abort_on_error=1";
}

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest = 8 * 1024;

// What runs now, for the handler.
std::string g_input;
std::string g_artifact = "finding";

extern "C" void keep_input(int signal) {
    const int file = ::open(g_artifact.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file >= 0) {
        const auto ignored = ::write(file, g_input.data(), g_input.size());
        static_cast<void>(ignored);
        ::close(file);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Changes that keep something of an input's structure: bits, bytes, numbers, words of the format, pieces of others.
class Mutator {
  public:
    Mutator(std::vector<std::string> corpus, std::vector<std::string> words, std::uint64_t seed)
        : corpus_(std::move(corpus)), words_(std::move(words)), random_(seed) {}

    std::string next() {
        std::string input = corpus_.empty() ? std::string{} : corpus_[below(corpus_.size())];
        for (auto changes = 1 + below(6); changes > 0; --changes) {
            change(input);
        }
        input.resize(std::min(input.size(), k_longest));
        return input;
    }

  private:
    std::size_t below(std::size_t count) { return count == 0 ? 0 : static_cast<std::size_t>(random_() % count); }
    std::size_t place(const std::string& input) { return below(input.size() + 1); }

    void change(std::string& input) {
        if (input.empty()) {
            input.push_back(static_cast<char>(below(256)));
        }
        char& byte = input[below(input.size())];
        switch (below(10)) {
            case 0:
                byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(8)));
                break;
            case 1:
                byte = static_cast<char>(below(256));
                break;
            case 2:
                byte = "\0\xff\n\r \t0'\"${}[]:,-/\\\x7f"[below(20)];
                break;
            case 3:
                input.insert(place(input), 1, static_cast<char>(below(256)));
                break;
            case 4:
                input.erase(place(input), 1 + below(16));
                break;
            case 5: {
                const auto from = place(input);
                input.insert(place(input), input.substr(from, 1 + below(32)));
                break;
            }
            case 6:
                input.insert(place(input), words_.empty() ? "" : words_[below(words_.size())]);
                break;
            case 7: {
                const std::string& other = corpus_.empty() ? input : corpus_[below(corpus_.size())];
                const auto at = place(other);
                const std::string piece = other.substr(at, 1 + below(64));
                input.replace(place(input), below(piece.size() + 1), piece);
                break;
            }
            case 8:
                change_number(input);
                break;
            default:
                input.resize(place(input));
        }
    }

    void change_number(std::string& input) {
        constexpr const char* k_digits = "0123456789";
        const auto begin = input.find_first_of(k_digits, place(input));
        if (begin == std::string::npos) {
            return;
        }
        const auto end = std::min(input.find_first_not_of(k_digits, begin), input.size());
        static constexpr const char* k_numbers[] = {
            "0", "1", "-1", "255", "256", "65535", "65536", "2147483648", "4294967296", "9223372036854775808", "1e999"};
        input.replace(begin, end - begin, k_numbers[below(std::size(k_numbers))]);
    }

    std::vector<std::string> corpus_;
    std::vector<std::string> words_;
    std::mt19937_64 random_;
};

/// The words of a dictionary as libFuzzer has them: `"..."` a line, `\xNN`, `\\` and `\"` in it.
std::vector<std::string> words_of(const std::string& file) {
    std::vector<std::string> words;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        const auto begin = line.find('"');
        const auto end = line.rfind('"');
        if (line.empty() || line.front() == '#' || begin == end) {
            continue;
        }
        std::string word;
        for (auto at = begin + 1; at < end; ++at) {
            if (line[at] != '\\') {
                word += line[at];
            } else if (line[at + 1] == 'x') {
                word += static_cast<char>(std::stoi(line.substr(at + 2, 2), nullptr, 16));
                at += 3;
            } else {
                word += line[++at];
            }
        }
        words.push_back(std::move(word));
    }
    return words;
}

void run(std::string input) {
    g_input = std::move(input);
    try {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(g_input.data()), g_input.size());
    } catch (const std::exception& error) {
        berth::fuzz::finding(std::string("an exception that is not ours: ") + error.what());
    }
}

}  // namespace

int main(int count, char** arguments) {
    std::uint64_t runs = 0;
    std::uint64_t seed = 1;
    std::string dictionary;
    std::vector<fs::path> files;
    for (int i = 1; i < count; ++i) {
        const std::string argument = arguments[i];
        const auto value = argument.substr(std::min(argument.find('=') + 1, argument.size()));
        if (argument.rfind("-runs=", 0) == 0) {
            runs = std::stoull(value);
        } else if (argument.rfind("-seed=", 0) == 0) {
            seed = std::stoull(value);
        } else if (argument.rfind("-dict=", 0) == 0) {
            dictionary = value;
        } else if (argument.rfind("-artifact=", 0) == 0) {
            g_artifact = value;
        } else if (fs::is_directory(argument)) {
            for (const auto& entry : fs::directory_iterator(argument)) {
                files.push_back(entry.path());
            }
        } else if (fs::is_regular_file(argument)) {
            files.emplace_back(argument);
        } else {
            std::fprintf(stderr, "%s: there is no '%s'\n", arguments[0], arguments[i]);
            return 2;
        }
    }
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        std::signal(signal, keep_input);
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        std::fprintf(stderr, "%s: no corpus\n", arguments[0]);
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::string> corpus;
    for (const auto& file : files) {
        corpus.push_back(content_of(file));
        run(corpus.back());
    }
    const auto seeds = corpus.size();
    Mutator mutator(std::move(corpus), words_of(dictionary), seed);
    for (std::uint64_t i = 0; i < runs; ++i) {
        run(mutator.next());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%zu inputs of the corpus and %llu changed ones, no finding, %.2f s\n", seeds,
                static_cast<unsigned long long>(runs), took.count());
    return 0;
}
