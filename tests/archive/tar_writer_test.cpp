// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <berth/core/error.hpp>
#include <tests/archive/pieces_of.hpp>
#include <tests/support/temp_dir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <filesystem>
#include <fstream>

namespace berth::archive {
namespace {

namespace fs = std::filesystem;
using support::pieces_of;
using support::TempDir;
using ::testing::ElementsAre;

std::string error_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

std::vector<TarEntry> entries_of(const std::string& tar) {
    return list(pieces_of(tar));
}

TEST(TarSource, WritesContentWithTheHeaderThatWasAskedFor) {
    TarSource source;
    source.add_content("/etc/app.conf", "port=1\n", {.uid = 70, .gid = 71, .mode = 0600, .modified = 1'700'000'000});

    const std::string tar = whole(std::move(source));

    EXPECT_THAT(entries_of(tar),
                ElementsAre(TarEntry{
                    .name = "etc/app.conf", .size = 7, .mode = 0600, .uid = 70, .gid = 71, .modified = 1'700'000'000}));
    EXPECT_EQ(read_file(pieces_of(tar)), "port=1\n");
}

TEST(TarSource, GivesTheSameBytesForTheSameFiles) {
    const auto make = [] {
        TempDir folder;
        folder.write("b/two", "2");
        folder.write("a", "1");
        fs::create_symlink("a", folder.path() / "link");
        TarSource source;
        source.add_tree(folder.path(), "data", {.mode = 0640});
        return whole(std::move(source));
    };

    const std::string first = make();

    EXPECT_EQ(first, make());
    std::vector<std::string> names;
    std::vector<unsigned> modes;
    for (const auto& entry : entries_of(first)) {
        names.push_back(entry.name);
        modes.push_back(entry.mode);
    }
    EXPECT_THAT(names, ElementsAre("data/", "data/a", "data/b/", "data/b/two", "data/link"));
    EXPECT_THAT(modes, ElementsAre(0750, 0640, 0750, 0640, 0777));
}

TEST(TarSource, KeepsTheModeOfFilesOnDisk) {
    TempDir folder;
    const std::string script = folder.write("run.sh", "#!/bin/sh\n");
    ASSERT_EQ(::chmod(script.c_str(), 0751), 0);
    TarSource source;

    source.add_file(script, "bin/run");

    EXPECT_EQ(entries_of(whole(std::move(source))).at(0).mode, 0751U);
}

TEST(TarSource, StreamsALargeFileInPieces) {
    TempDir folder;
    const std::string content(3'000'000, 'x');
    TarSource source;
    source.add_file(folder.write("large", content), "large");

    std::string tar;
    std::size_t longest = 0;
    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
        longest = std::max(longest, piece.size());
        tar += piece;
    }

    EXPECT_EQ(read_file(pieces_of(tar, 64 * 1024)), content);
    EXPECT_LE(longest, 256U * 1024);
    EXPECT_TRUE(source.next().empty());
}

TEST(TarSource, EndsWithTwoBlocksOfZeros) {
    TarSource source;
    source.add_content("a", "1");

    const std::string tar = whole(std::move(source));

    ASSERT_GE(tar.size(), 1024U);
    EXPECT_EQ(tar.substr(tar.size() - 1024), std::string(1024, '\0'));
    EXPECT_EQ(tar.size() % 512, 0U);
}

TEST(TarSource, CarriesLongNamesAndNamesBeyondAscii) {
    const std::string long_name = std::string(120, 'd') + "/" + std::string(200, 'n');
    TarSource source;
    source.add_content(long_name, "1").add_content("größe/日本", "2").add_content("\xff\xfe", "3");

    const auto entries = entries_of(whole(std::move(source)));

    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].name, long_name);
    EXPECT_EQ(entries[1].name, "größe/日本");
    EXPECT_EQ(entries[2].name, "\xff\xfe");
}

TEST(TarSource, RefusesAFileThatBecameShorter) {
    TempDir folder;
    const std::string path = folder.write("log", std::string(400'000, 'x'));
    TarSource source;
    source.add_file(path, "log");
    ASSERT_FALSE(source.next().empty());
    fs::resize_file(path, 10);

    const std::string text = error_of([&] {
        while (!source.next().empty()) {
        }
    });

    EXPECT_EQ(text, "error[BR0401]: '" + path +
                        "' became shorter while it was read\n  hint: let nothing write to it meanwhile");
}

TEST(TarSource, CutsAFileThatGrowsAtItsFirstSize) {
    TempDir folder;
    const std::string path = folder.write("log", std::string(400'000, 'x'));
    TarSource source;
    source.add_file(path, "log");
    std::string tar(source.next());
    std::ofstream(path, std::ios::app) << "more";

    for (auto piece = source.next(); !piece.empty(); piece = source.next()) {
        tar += piece;
    }

    EXPECT_EQ(read_file(pieces_of(tar)).size(), 400'000U);
}

TEST(TarSource, DoesNotFollowASymlinkThatTookAFilesPlace) {
    TempDir folder;
    const std::string path = folder.write("file", "mine");
    const std::string secret = folder.write("secret", "not yours");
    TarSource source;
    source.add_file(path, "file");
    fs::remove(path);
    fs::create_symlink(secret, path);

    EXPECT_EQ(error_of([&] { source.next(); }),
              "error[BR0401]: cannot read '" + path + "': Too many levels of symbolic links");
}

TEST(TarSource, RefusesWhatItCannotPutIn) {
    TempDir folder;
    ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
    const std::string pipe = folder.file("pipe");
    const std::string missing = folder.file("nowhere");
    TarSource source;

    EXPECT_EQ(error_of([&] { source.add_file(missing, "x"); }),
              "error[BR0401]: cannot read '" + missing + "': No such file or directory");
    EXPECT_EQ(error_of([&] { source.add_file(pipe, "x"); }), "error[BR0401]: '" + pipe + "' is no regular file");
    EXPECT_EQ(error_of([&] { source.add_tree(folder.path(), ""); }),
              "error[BR0401]: '" + pipe + "' is neither a file nor a directory nor a symlink");
    EXPECT_EQ(error_of([&] { source.add_content("../up", ""); }),
              "error[BR0401]: '../up' cannot be put into an archive: it goes up");
    EXPECT_EQ(error_of([&] { source.add_content("/", ""); }),
              "error[BR0401]: '/' cannot be put into an archive: it is empty");
    EXPECT_EQ(error_of([&] { source.add_content(std::string("a\0b", 3), ""); }),
              "error[BR0401]: 'a\\x00b' cannot be put into an archive: it has a NUL in it");
}

}  // namespace
}  // namespace berth::archive
