// SPDX-License-Identifier: Apache-2.0
// The built program on a terminal, against a real engine.
#include <berth/process/descriptor.hpp>
#include <tests/cli/engine_program.hpp>
#include <tests/cli/screen.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include <fcntl.h>

namespace berth::cli::tests {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A terminal of so many columns, whose other end reads along.
class Terminal {
  public:
    Terminal(unsigned short columns, unsigned short rows) : other_end_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        ::grantpt(other_end_.get());
        ::unlockpt(other_end_.get());
        const winsize size{rows, columns, 0, 0};
        ::ioctl(other_end_.get(), TIOCSWINSZ, &size);
        std::array<char, 128> name{};
        ::ptsname_r(other_end_.get(), name.data(), name.size());
        own_end_ = process::Descriptor(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    }
    [[nodiscard]] int number() const noexcept { return own_end_.get(); }
    [[nodiscard]] termios settings() const {
        termios all{};
        ::tcgetattr(own_end_.get(), &all);
        return all;
    }
    void type(std::string_view keys) const {
        ASSERT_EQ(::write(other_end_.get(), keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
    }
    /// More of what was written to it; once our own copy is closed and the program has ended, that is the end.
    bool read_more(std::string& text) const {
        std::array<char, 4096> piece{};
        const ssize_t size = ::read(other_end_.get(), piece.data(), piece.size());
        if (size > 0) {
            text.append(piece.data(), static_cast<std::size_t>(size));
        }
        return size > 0;
    }
    void close_own_end() { own_end_.close(); }

  private:
    process::Descriptor other_end_;
    process::Descriptor own_end_;
};

class TtyTest : public EngineProgramTest {
  protected:
    void SetUp() override {
        EngineProgramTest::SetUp();
        program_.set("TERM", "xterm");
        spec(
            "services:\n"
            "  first: { image: IMAGE, command: [sleep, \"600\"], wait: running }\n"
            "  second: { image: IMAGE, command: [sleep, \"600\"], wait: running, depends_on: [first] }\n");
    }
};

TEST_F(TtyTest, ProgressIsOneBlockThatIsRedrawnInPlace) {
    Terminal terminal(60, 20);
    process::Options options = program_.options({"up"});
    options.standard_output = process::Standard::null();
    options.standard_error = process::Standard::descriptor(terminal.number());
    process::Child child(options);
    terminal.close_own_end();
    std::string text;
    while (terminal.read_more(text)) {
    }
    EXPECT_EQ(child.wait(within(30s)).code, 0);

    TestScreen screen(60);
    screen.write(text);
    const auto lines = screen.lines();
    ASSERT_GE(lines.size(), 5U) << text;
    // In the order in which they begin, and both may begin at once: only the start of one waits for the other.
    EXPECT_THAT((std::vector<std::string>{lines[0], lines[1]}),
                ::testing::UnorderedElementsAre(MatchesRegex("first   ready  [0-9.]+m?s"),
                                                MatchesRegex("second  ready  [0-9.]+m?s")));
    EXPECT_THAT(lines, Contains(HasSubstr("total ")));
    for (const auto& line : lines) {
        EXPECT_LE(line.size(), 60U) << line;
    }
}

TEST_F(TtyTest, AShellInsideHasATerminalAndOursIsAsItWasAfterwards) {
    ASSERT_EQ(program_.run({"up", "first"}).status.code, 0);
    Terminal terminal(80, 24);
    const termios before = terminal.settings();
    process::Options options = program_.options({"exec", "-it", "first", "--", "sh"});
    options.standard_input = process::Standard::descriptor(terminal.number());
    options.standard_output = process::Standard::descriptor(terminal.number());
    options.standard_error = process::Standard::descriptor(terminal.number());
    process::Child child(options);
    std::string text;
    while (text.find("# ") == std::string::npos) {
        ASSERT_TRUE(terminal.read_more(text)) << text;
    }
    EXPECT_EQ(terminal.settings().c_lflag & static_cast<tcflag_t>(ICANON | ECHO), 0U);

    terminal.type("test -t 0 && echo terminal of $COLUMNS; exit 3\r");
    while (text.find("terminal of 80") == std::string::npos) {
        ASSERT_TRUE(terminal.read_more(text)) << text;
    }

    EXPECT_EQ(child.wait(within(30s)).code, 3);
    const termios after = terminal.settings();
    EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0);
}

TEST_F(TtyTest, ASignalRestoresTheTerminalToo) {
    ASSERT_EQ(program_.run({"up", "first"}).status.code, 0);
    Terminal terminal(80, 24);
    const termios before = terminal.settings();
    process::Options options = program_.options({"exec", "-it", "first", "--", "sh"});
    options.standard_input = process::Standard::descriptor(terminal.number());
    options.standard_output = process::Standard::descriptor(terminal.number());
    options.standard_error = process::Standard::descriptor(terminal.number());
    process::Child child(options);
    std::string text;
    while (text.find("# ") == std::string::npos) {
        ASSERT_TRUE(terminal.read_more(text)) << text;
    }

    child.signal(SIGTERM);

    EXPECT_EQ(child.wait(within(30s)).code, 143);
    const termios after = terminal.settings();
    EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0);
}

}  // namespace
}  // namespace berth::cli::tests
