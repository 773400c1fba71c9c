// Reads row events with go-mysql's syncer and counts the rows of one database: decoding alone. Prints the seconds from the dump command to
// the last row.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
)

func main() {
	flavor := flag.String("flavor", "mariadb", "")
	port := flag.Int("port", 3306, "")
	user := flag.String("user", "", "")
	password := flag.String("password", "", "")
	database := flag.String("database", "", "")
	file := flag.String("file", "", "")
	offset := flag.Int("offset", 4, "")
	wanted := flag.Int("rows", 0, "")
	flag.Parse()
	syncer := replication.NewBinlogSyncer(replication.BinlogSyncerConfig{
		ServerID: 7001, Flavor: *flavor, Host: "127.0.0.1", Port: uint16(*port), User: *user, Password: *password,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	streamer, err := syncer.StartSync(mysql.Position{Name: *file, Pos: uint32(*offset)})
	if err != nil {
		panic(err)
	}
	start := time.Now()
	for rows := 0; rows < *wanted; {
		event, err := streamer.GetEvent(context.Background())
		if err != nil {
			panic(err)
		}
		rows += rowsIn(event, *database)
	}
	fmt.Printf("{\"seconds\":%f}\n", time.Since(start).Seconds())
}

// Inserts only: that is what the logs of the benches hold.
func rowsIn(event *replication.BinlogEvent, database string) int {
	switch body := event.Event.(type) {
	case *replication.RowsEvent:
		if string(body.Table.Schema) == database {
			return len(body.Rows)
		}
	case *replication.TransactionPayloadEvent:
		rows := 0
		for _, inner := range body.Events {
			rows += rowsIn(inner, database)
		}
		return rows
	}
	return 0
}
