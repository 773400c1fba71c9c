module millrace/bench/peers/go-pq-cdc

go 1.26

require (
	github.com/Trendyol/go-pq-cdc v1.10.12
	github.com/Trendyol/go-pq-cdc-kafka v1.3.1
)
