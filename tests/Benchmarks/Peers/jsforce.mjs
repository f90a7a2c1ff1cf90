// jsforce reads the records of every object by Bulk API 2.0, as its documentation shows. jsforce.mjs ADDRESS OBJECT:FIELDS…   (token in BENCH_TOKEN)
import jsforce from 'jsforce';

const [address, ...objects] = process.argv.slice(2);
const connection = new jsforce.Connection({ instanceUrl: address.replace(/\/$/, ''), accessToken: process.env.BENCH_TOKEN, version: '62.0' });
connection.bulk2.pollTimeout = 3_600_000;
let records = 0;
for (const object of objects) {
    const [name, fields] = object.split(':');
    const stream = await connection.bulk2.query(`SELECT ${fields} FROM ${name}`, { scanAll: true });
    await new Promise((done, failed) => {
        stream.on('record', () => { records++; });
        stream.on('error', failed);
        stream.on('end', done);
    });
}
console.log(records);
