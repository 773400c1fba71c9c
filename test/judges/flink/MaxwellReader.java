import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.formats.json.maxwell.MaxwellJsonFormatFactory;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.apache.flink.table.types.utils.TypeConversions;

/**
 * Reads messages, one a line, with Flink's own format `maxwell-json` as a table with the row type of the first argument would, and prints
 * for each one line: the rows that it makes (`-U(1,a) +U(1,b)`), or why it is refused.
 */
public final class MaxwellReader {
  public static void main(String[] arguments) throws Exception {
    var schema = open(LogicalTypeParser.parse(arguments[0], MaxwellReader.class.getClassLoader()));
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var output = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = input.readLine(); line != null; line = input.readLine()) output.println(read(schema, line));
    output.flush();
  }

  private static DeserializationSchema<RowData> open(LogicalType type) throws Exception {
    DataType rows = TypeConversions.fromLogicalToDataType(type);
    var format = new MaxwellJsonFormatFactory().createDecodingFormat(null, new Configuration());
    var schema = format.createRuntimeDecoder(new SourceContext(), rows);
    schema.open(null);
    return schema;
  }

  private static String read(DeserializationSchema<RowData> schema, String message) {
    List<RowData> rows = new ArrayList<>();
    try {
      schema.deserialize(message.getBytes(StandardCharsets.UTF_8), new ListCollector<>(rows));
      return rows.stream().map(Object::toString).collect(Collectors.joining(" "));
    } catch (IOException refusal) {
      return "refused: " + refusal.getCause();
    }
  }

  /** What a table's source gives a format; of all of it, this one asks for the type of its rows alone. */
  private static final class SourceContext implements DynamicTableSource.Context {
    @Override
    @SuppressWarnings("unchecked")
    public <T> TypeInformation<T> createTypeInformation(DataType type) {
      return (TypeInformation<T>) TypeInformation.of(RowData.class);
    }

    @Override
    public <T> TypeInformation<T> createTypeInformation(LogicalType type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public DynamicTableSource.DataStructureConverter createDataStructureConverter(DataType type) {
      throw new UnsupportedOperationException();
    }
  }
}
