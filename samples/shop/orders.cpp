// SPDX-License-Identifier: Apache-2.0
#include "orders.hpp"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>

#include <initializer_list>
#include <vector>

namespace shop {
namespace {

struct Result {
    explicit Result(PGresult* raw) : rows(raw, PQclear) {}
    std::unique_ptr<PGresult, decltype(&PQclear)> rows;
    [[nodiscard]] bool empty() const { return PQntuples(rows.get()) == 0; }
    [[nodiscard]] std::string text() const { return PQgetvalue(rows.get(), 0, 0); }
};

Result query(pg_conn* database, const char* sql, std::initializer_list<std::string> parameters = {}) {
    std::vector<const char*> values;
    for (const auto& parameter : parameters) {
        values.push_back(parameter.c_str());
    }
    Result result(
        PQexecParams(database, sql, static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0));
    const auto status = PQresultStatus(result.rows.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        throw std::runtime_error(PQerrorMessage(database));
    }
    return result;
}

std::string command(redisContext* cache, std::initializer_list<std::string> words) {
    std::vector<const char*> values;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
        values.push_back(word.data());
        sizes.push_back(word.size());
    }
    const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(
        static_cast<redisReply*>(redisCommandArgv(cache, static_cast<int>(values.size()), values.data(), sizes.data())),
        freeReplyObject);
    if (!reply || reply->type == REDIS_REPLY_ERROR) {
        throw std::runtime_error(reply ? reply->str : cache->errstr);
    }
    return reply->type == REDIS_REPLY_NIL ? std::string{} : std::string(reply->str ? reply->str : "", reply->len);
}

/// `redis://host:port` in its two parts.
std::pair<std::string, int> host_and_port(const std::string& url) {
    const auto from = url.find("://") + 3;
    const auto colon = url.rfind(':');
    return {url.substr(from, colon - from), std::stoi(url.substr(colon + 1))};
}

}  // namespace

void Orders::Close::operator()(pg_conn* connection) const {
    PQfinish(connection);
}
void Orders::Close::operator()(redisContext* connection) const {
    redisFree(connection);
}

Orders::Orders(const std::string& database, const std::string& cache) : database_(PQconnectdb(database.c_str())) {
    if (PQstatus(database_.get()) != CONNECTION_OK) {
        throw std::runtime_error(PQerrorMessage(database_.get()));
    }
    const auto [host, port] = host_and_port(cache);
    cache_.reset(redisConnect(host.c_str(), port));
    if (!cache_ || cache_->err != 0) {
        throw std::runtime_error(cache_ ? cache_->errstr : "no memory for a connection to Redis");
    }
}

Orders::~Orders() = default;

long Orders::place(const std::string& product, int amount) {
    const Result placed =
        query(database_.get(),
              "WITH taken AS (UPDATE products SET stock = stock - $2::integer"
              "               WHERE name = $1 AND stock >= $2::integer RETURNING id)"
              " INSERT INTO orders (product_id, amount) SELECT id, $2::integer FROM taken RETURNING id",
              {product, std::to_string(amount)});
    if (placed.empty()) {
        throw SoldOut(product + " is sold out");
    }
    command(cache_.get(), {"DEL", "placed:" + product});
    return std::stol(placed.text());
}

int Orders::stock(const std::string& product) {
    return std::stoi(query(database_.get(), "SELECT stock FROM products WHERE name = $1", {product}).text());
}

long Orders::placed(const std::string& product) {
    if (const std::string cached = command(cache_.get(), {"GET", "placed:" + product}); !cached.empty()) {
        return std::stol(cached);
    }
    const std::string counted =
        query(database_.get(), "SELECT count(*) FROM orders JOIN products p ON p.id = product_id WHERE p.name = $1",
              {product})
            .text();
    command(cache_.get(), {"SET", "placed:" + product, counted});
    return std::stol(counted);
}

}  // namespace shop
