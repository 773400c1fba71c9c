// Runs go-pq-cdc-kafka for one table, slot and topic: JSON values, the primary key as key. Build: go mod tidy && go build -o PATH .
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"strconv"
	"time"

	cdc "github.com/Trendyol/go-pq-cdc-kafka"
	"github.com/Trendyol/go-pq-cdc-kafka/config"
	pqc "github.com/Trendyol/go-pq-cdc/config"
	"github.com/Trendyol/go-pq-cdc/pq/publication"
	"github.com/Trendyol/go-pq-cdc/pq/slot"
	"github.com/segmentio/kafka-go"
)

func main() {
	brokers := flag.String("brokers", "127.0.0.1:9092", "")
	port := flag.Int("port", 5432, "")
	user := flag.String("user", "postgres", "")
	password := flag.String("password", "", "")
	database := flag.String("database", "bench", "")
	publicationName := flag.String("publication", "bench", "")
	slotName := flag.String("slot", "", "")
	topic := flag.String("topic", "", "")
	batch := flag.Int("batch", 2000, "producerBatchSize")
	tick := flag.Duration("tick", 200*time.Millisecond, "producerBatchTickerDuration")
	comp := flag.Int("compression", 3, "3 = lz4")
	mport := flag.Int("metric-port", 18081, "")
	flag.Parse()
	c := config.Connector{
		CDC: pqc.Config{
			Host: "127.0.0.1", Port: *port, Username: *user, Password: *password, Database: *database,
			Publication: publication.Config{Name: *publicationName, CreateIfNotExists: false,
				Operations: publication.Operations{publication.OperationInsert, publication.OperationUpdate, publication.OperationDelete},
				Tables:     publication.Tables{{Name: "orders", Schema: "public", ReplicaIdentity: publication.ReplicaIdentityDefault}}},
			Slot:   slot.Config{Name: *slotName, CreateIfNotExists: false, SlotActivityCheckerInterval: 3000},
			Metric: pqc.MetricConfig{Port: *mport},
			Logger: pqc.LoggerConfig{LogLevel: slog.LevelWarn},
		},
		Kafka: config.Kafka{
			TableTopicMapping: map[string]string{"public.orders": *topic}, Brokers: []string{*brokers},
			ProducerBatchSize: *batch, ProducerBatchTickerDuration: *tick, Compression: int8(*comp), RequiredAcks: -1,
		},
	}
	con, err := cdc.NewConnector(context.Background(), c, func(m *cdc.Message) []kafka.Message {
		d := m.NewData
		if d == nil {
			d = m.OldData
		}
		d["operation"] = m.Type
		v, err := json.Marshal(d)
		if err != nil {
			panic(err)
		}
		id, _ := d["id"].(int64)
		return []kafka.Message{{Key: []byte(strconv.FormatInt(id, 10)), Value: v}}
	})
	if err != nil {
		slog.Error("start", "error", err)
		os.Exit(1)
	}
	defer con.Close()
	con.Start(context.Background())
}
