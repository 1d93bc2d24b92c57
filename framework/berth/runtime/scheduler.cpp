// SPDX-License-Identifier: Apache-2.0
#include <berth/core/error.hpp>
#include <berth/runtime/internal/scheduler.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace berth::runtime {

std::size_t Scheduler::add(Work work, std::vector<std::size_t> after) {
    phases_.push_back({std::move(work), std::move(after)});
    return phases_.size() - 1;
}

void Scheduler::order(std::size_t phase, std::size_t other) {
    phases_[phase].after.push_back(other);
}

/// One run over all phases.
struct Scheduler::Pass {
    explicit Pass(const Scheduler& its_plan, const Deadline& outer)
        : plan(its_plan),
          deadline(outer.with_stop(stop.get_token())),
          waits_for(plan.phases_.size()),
          followers(plan.phases_.size()) {
        for (std::size_t i = 0; i < plan.phases_.size(); ++i) {
            waits_for[i] = plan.phases_[i].after.size();
            for (const std::size_t other : plan.phases_[i].after) {
                followers[other].push_back(i);
            }
            if (waits_for[i] == 0) {
                ready.push_back(i);
            }
        }
    }

    // Takes phases until there is none left to take. Every worker runs this, the caller's thread too.
    void work() {
        std::unique_lock lock(mutex);
        while (true) {
            if (ready.empty()) {
                if (running == 0) {
                    return;  // nothing runs, so nothing can become ready any more
                }
                ++idle;
                changed.wait(lock, [this] { return !ready.empty() || running == 0; });
                --idle;
                continue;
            }
            const std::size_t phase = ready.front();
            ready.pop_front();
            ++running;
            bring_help();
            lock.unlock();
            const std::exception_ptr error = run_one(phase);
            lock.lock();
            --running;
            finish(phase, error);
            if (running == 0 || !ready.empty()) {
                changed.notify_all();
            }
        }
    }

    [[nodiscard]] std::exception_ptr run_one(std::size_t phase) const noexcept {
        try {
            if (plan.failure_ == Failure::stops_all) {
                deadline.throw_if_cancelled();
            }
            plan.phases_[phase].work(deadline);
            return nullptr;
        } catch (...) {
            return std::current_exception();
        }
    }

    void finish(std::size_t phase, const std::exception_ptr& error) {
        if (error) {
            errors.push_back(error);
            if (plan.failure_ == Failure::stops_all) {
                stop.request_stop();
                ready.clear();
                failed = true;
            }
        }
        if (failed) {
            return;
        }
        ++done;
        for (const std::size_t follower : followers[phase]) {
            if (--waits_for[follower] == 0) {
                ready.push_back(follower);
            }
        }
    }

    // With the lock held: a thread for each phase that could run now and has nobody to run it.
    void bring_help() {
        for (std::size_t wanted = ready.size(); wanted > idle; --wanted) {
            if (helpers.size() + 1 >= plan.most_threads_) {
                return;
            }
            try {
                helpers.emplace_back([this] { work(); });
            } catch (const std::system_error&) {
                return;  // no more threads are to be had: those there are do the same work, later
            }
        }
    }

    const Scheduler& plan;
    std::stop_source stop{};
    Deadline deadline;
    std::mutex mutex{};
    std::condition_variable changed{};
    std::deque<std::size_t> ready{};
    std::vector<std::size_t> waits_for;
    std::vector<std::vector<std::size_t>> followers;
    std::size_t running{0};
    std::size_t idle{0};
    std::size_t done{0};
    bool failed{false};
    std::vector<std::exception_ptr> errors{};
    std::vector<std::jthread> helpers{};
};

namespace {

// What a phase says besides the first error; nothing for those that were merely asked to stop.
std::string summary_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Error& its_error) {
        return its_error.summary();
    } catch (const Cancelled&) {
        return {};
    } catch (const std::exception& its_error) {
        return its_error.what();
    }
}

bool is_cancelled(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Cancelled&) {
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace

void Scheduler::run(const Deadline& deadline) {
    Pass pass(*this, deadline);
    {
        const std::stop_callback passed_on(deadline.stop(), [&pass] { pass.stop.request_stop(); });
        pass.work();
        // A helper that was brought for a phase that somebody else then took has not looked yet.
        for (std::size_t i = 0;; ++i) {
            std::unique_lock lock(pass.mutex);
            if (i >= pass.helpers.size()) {
                break;
            }
            std::jthread helper = std::move(pass.helpers[i]);
            lock.unlock();
            helper.join();
        }
    }
    deadline.throw_if_cancelled();
    const std::exception_ptr* first = nullptr;
    std::vector<std::string> notes;
    for (const auto& error : pass.errors) {
        if (is_cancelled(error)) {
            continue;
        }
        if (first == nullptr) {
            first = &error;
        } else {
            notes.push_back(summary_of(error));
        }
    }
    if (first == nullptr) {
        if (!pass.errors.empty()) {
            throw Cancelled();
        }
        if (pass.done != phases_.size()) {
            throw std::logic_error("phases wait for each other");  // validate() lets no such graph come here
        }
        return;
    }
    try {
        std::rethrow_exception(*first);
    } catch (Error& error) {
        if (!notes.empty()) {
            error.amend([&](ErrorFacts& facts) { facts.notes.insert(facts.notes.end(), notes.begin(), notes.end()); });
        }
        throw;
    }
}

}  // namespace berth::runtime
