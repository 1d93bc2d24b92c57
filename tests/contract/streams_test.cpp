// SPDX-License-Identifier: Apache-2.0
// What an engine streams: logs, the output of commands, files.
#include <berth/archive/tar_reader.hpp>
#include <berth/archive/tar_writer.hpp>
#include <tests/contract/subject.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace berth::contract {
namespace {

using support::k_patience;
using ::testing::ElementsAre;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class Logs : public Contract {};
class Execs : public Contract {};
class Files : public Contract {};

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> all;
    for (const auto& line : lines) {
        all.push_back((line.stream == LogLine::Stream::err ? "err: " : "out: ") + line.text);
    }
    return all;
}

TEST_F(Logs, TellBothStreams) {
    const auto id = started(Behaviour::prints);

    ASSERT_TRUE(support::wait_until([&] { return containers_.logs(id).size() == 2; }));

    EXPECT_THAT(texts(containers_.logs(id)), UnorderedElementsAre("out: to out", "err: to err"));
    EXPECT_THAT(texts(containers_.logs(id, {.standard_error = false})), ElementsAre("out: to out"));
    EXPECT_EQ(containers_.logs(id, {.tail = 1}).size(), 1U);
    const auto timed = containers_.logs(id, {.standard_error = false, .timestamps = true});
    ASSERT_EQ(timed.size(), 1U);
    EXPECT_THAT(timed[0].time, StartsWith("2"));
    EXPECT_EQ(timed[0].text, "to out");
}

TEST_F(Logs, AreMadeOfFrames) {
    const auto id = started(Behaviour::ends);
    containers_.wait(id, within(k_patience));

    const Said said = ask("GET", "/containers/" + id.text + "/logs?stdout=1&stderr=1");

    EXPECT_EQ(said.status, 200);
    EXPECT_EQ(said.body, std::string("\x01\0\0\0\0\0\0\x0b", 8) + "last words\n");
}

TEST_F(Logs, AreFollowedToTheEndOfTheContainer) {
    const auto id = started(Behaviour::ends);
    std::vector<LogLine> lines;

    containers_.follow(
        id, {},
        [&](const LogLine& line) {
            lines.push_back(line);
            return true;
        },
        within(k_patience));

    EXPECT_THAT(texts(lines), ElementsAre("out: last words"));
    EXPECT_EQ(containers_.inspect(id).status, Status::exited);
}

TEST_F(Logs, OfWhatWasNeverStartedEndAtOnce) {
    const auto id = created(Behaviour::prints);

    const Said said = ask("GET", "/containers/" + id.text + "/logs?stdout=1&stderr=1&follow=1");

    EXPECT_EQ(said.status, 200);
    EXPECT_EQ(said.body, "");
}

TEST_F(Execs, TellBothStreamsAndTheStatus) {
    const auto id = started(Behaviour::idles);

    const auto result =
        containers_.exec(id, {.command = {"sh", "-c", "echo to out; echo to err >&2; exit 3"}, .check = Check::no});

    EXPECT_EQ(result.standard_output, "to out\n");
    EXPECT_EQ(result.standard_error, "to err\n");
    EXPECT_EQ(result.exit_code, 3);
}

TEST_F(Execs, ReadTheirInputToItsEnd) {
    const auto id = started(Behaviour::idles);
    const std::string much(300'000, 'x');

    EXPECT_EQ(containers_.exec(id, {.command = {"cat"}, .input = much, .keep_output = 1 << 20}).standard_output, much);
}

TEST_F(Execs, OfACommandThatIsNotThereSaySoInTheStream) {
    const auto id = started(Behaviour::idles);

    const auto result = containers_.exec(id, {.command = {"no-such-program"}, .check = Check::no});

    const Per<std::string> text{
        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"no-such-program\": "
        "executable file not found in $PATH\r\n",
        "OCI runtime exec failed: exec failed: unable to start container process: exec: \"no-such-program\": "
        "executable file not found in $PATH: unknown\r\n"};
    EXPECT_EQ(result.exit_code, flavour() == Flavour::docker_20 ? 126 : 127);
    if (is_podman()) {
        EXPECT_THAT(result.standard_error, ::testing::HasSubstr("executable file not found in $PATH"));
    } else {
        EXPECT_EQ(result.standard_output, text.of(flavour()));
    }
}

TEST_F(Execs, RunOnce) {
    const auto id = started(Behaviour::idles);
    const auto exec =
        nlohmann::json::parse(
            ask("POST", "/containers/" + id.text + "/exec", R"({"Cmd":["cat"],"AttachStdout":true})").body)["Id"]
            .get<std::string>();
    const auto before = nlohmann::json::parse(ask("GET", "/exec/" + exec + "/json").body);
    EXPECT_EQ(before["Running"], false);
    EXPECT_EQ(before["ExitCode"], is_podman() ? nlohmann::json(0) : nlohmann::json());
    const std::string start = R"({"Detach":false,"Tty":false})";

    const Said first = ask("POST", "/exec/" + exec + "/start", start);
    const Said second = ask("POST", "/exec/" + exec + "/start", start);

    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, "");
    EXPECT_EQ(nlohmann::json::parse(ask("GET", "/exec/" + exec + "/json").body)["ExitCode"], 0);
    if (is_podman()) {
        EXPECT_EQ(second.status, 500);
    } else {
        EXPECT_EQ(second.status, 200);
        EXPECT_EQ(second.body.substr(8), (flavour() == Flavour::docker ? "exec command " : "Error: Exec command ") +
                                             exec + " has already run\r\n");
    }
}

TEST_F(Execs, AreUpgradedWhenAsked) {
    const auto id = started(Behaviour::idles);
    const auto exec = nlohmann::json::parse(ask("POST", "/containers/" + id.text + "/exec",
                                                R"({"Cmd":["cat"],"AttachStdin":true,"AttachStdout":true})")
                                                .body)["Id"]
                          .get<std::string>();
    http::Request start{.method = "POST",
                        .target = version() + "/exec/" + exec + "/start",
                        .body = R"({"Detach":false,"Tty":false})",
                        .upgrade = true};
    start.headers.add("Content-Type", "application/json");

    http::Stream stream = client_.open(start, within(k_patience));
    EXPECT_EQ(stream.head().status, 101);
    stream.write("hello", within(k_patience));
    stream.finish_writing();

    EXPECT_EQ(stream.read_all(within(k_patience)), std::string("\x01\0\0\0\0\0\0\x05", 8) + "hello");
}

TEST_F(Files, ComeBackAsTheyWerePut) {
    const auto id = created(Behaviour::idles);
    archive::TarSource tar;
    tar.add_directory("box", {.mode = 0750}).add_content("box/file", "content", {.uid = 7, .gid = 8, .mode = 0640});
    tar.add_symlink("box/link", "file");

    containers_.put_archive(id, "/etc", archive::pieces(std::move(tar)));

    std::string bytes;
    containers_.get_archive(id, "/etc/box", [&](std::string_view piece) { bytes += piece; });
    const auto whole = [&] {
        return [given = false, &bytes]() mutable {
            return std::exchange(given, true) ? std::string_view{} : std::string_view(bytes);
        };
    };
    auto entries = archive::list(whole());
    std::sort(entries.begin(), entries.end(),
              [](const auto& left, const auto& right) { return left.name < right.name; });
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].mode, 0750U);
    EXPECT_EQ(entries[1].name, "box/file");
    EXPECT_EQ(entries[1].mode, 0640U);
    EXPECT_EQ(entries[1].uid, is_podman() ? 0 : 7);  // Podman tells its own user's, whoever owns it
    EXPECT_EQ(entries[1].gid, is_podman() ? 0 : 8);
    EXPECT_EQ(entries[1].size, 7U);
    EXPECT_EQ(entries[2].kind, archive::TarEntry::Kind::symlink);
    EXPECT_EQ(entries[2].link_target, "file");
    std::string file;
    containers_.get_archive(id, "/etc/box/file", [&](std::string_view piece) { file += piece; });
    bytes = file;
    EXPECT_EQ(archive::read_file(whole()), "content");
}

TEST_F(Files, AreLookedAt) {
    const auto id = created(Behaviour::idles);

    const auto passwd = containers_.stat(id, "/etc/passwd");
    const auto etc = containers_.stat(id, "/etc");

    ASSERT_TRUE(passwd && etc);
    EXPECT_EQ(passwd->name, "passwd");
    EXPECT_EQ(passwd->kind, PathFacts::Kind::file);
    EXPECT_EQ(passwd->mode, 0644U);
    EXPECT_GT(passwd->size, 0U);
    EXPECT_EQ(etc->kind, PathFacts::Kind::directory);
    EXPECT_FALSE(containers_.stat(id, "/nope").has_value());
}

TEST_F(Files, OfAnEmptyTarAreNone) {
    const auto id = created(Behaviour::idles);

    for (const std::string& body : {std::string(1024, '\0'), std::string{}}) {
        EXPECT_EQ(ask("PUT", "/containers/" + id.text + "/archive?path=/etc", body).status, 200);
    }
}

}  // namespace
}  // namespace berth::contract
