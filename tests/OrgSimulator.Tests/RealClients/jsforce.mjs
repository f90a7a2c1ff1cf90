// Drives the unmodified jsforce against the org that the arguments name, and prints one JSON object of what came back.
import jsforce from 'jsforce';

const [instanceUrl, accessToken, refreshToken, user, password] = process.argv.slice(2);
const c = new jsforce.Connection({ instanceUrl, accessToken, version: '65.0' });
c.bulk2.pollInterval = 100;
c.bulk2.pollTimeout = 60000;
const out = {};
const step = async (name, work) => { try { out[name] = await work(); } catch (e) { out[name] = `FAILED ${e.errorCode ?? ''} ${e.message}`; } };

await step('identity', async () => (await c.identity()).organization_id);
await step('query', async () => (await c.query('SELECT Id, Name FROM Account', { autoFetch: true, maxFetch: 1e6 })).records.length);
await step('queryAll', async () => (await c.query('SELECT Id FROM Account', { scanAll: true })).totalSize);
await step('describe', async () => (await c.describe('Account')).fields.length > 40);
await step('describeGlobal', async () => (await c.describeGlobal()).sobjects.some(s => s.name === 'Contact' && s.queryable));
await step('create', async () => { const r = await c.sobject('Account').create({ Name: 'from jsforce' }); out.id = r.id; return r.success; });
await step('createMany', async () => {
  const r = await c.sobject('Contact').create([{ LastName: 'One', AccountId: out.id }, { LastName: 'Two' }, {}]);
  out.contacts = r.filter(one => one.success).map(one => one.id);
  return r.map(one => one.success);
});
await step('retrieve', async () => (await c.sobject('Account').retrieve(out.id)).Name);
await step('retrieveMany', async () => (await c.sobject('Account').retrieve([out.id, '001000000000001'])).map(r => r?.Name ?? null));
await step('update', async () => (await c.sobject('Account').update({ Id: out.id, Name: 'renamed' })).success);
await step('queryPaged', async () => { const first = await c.query('SELECT Id FROM OpportunityContactRole'); return [first.done, (await c.queryMore(first.nextRecordsUrl)).records.length]; });
await step('updateMany', async () => (await c.sobject('Contact').update(out.contacts.map(Id => ({ Id, FirstName: 'both' })))).map(r => r.success));
await step('upsertOne', async () => [await c.sobject('Account').upsert({ Key__c: 'a b/1', Name: 'U' }, 'Key__c'), await c.sobject('Account').upsert({ Key__c: 'a b/1', Name: 'V' }, 'Key__c')].map(r => r.created));
await step('upsertMany', async () => (await c.sobject('Account').upsert([{ Key__c: 'a b/1', Name: 'W' }, { Key__c: 'k2', Name: 'X' }], 'Key__c')).map(r => r.created));
await step('destroyMany', async () => (await c.sobject('Contact').destroy(out.contacts)).map(r => r.success));
await step('versionData', async () => {
  const file = await c.sobject('ContentVersion').create({ PathOnClient: 'x.txt', VersionData: 'aGVsbG8=' });
  return String(await c.request({ method: 'GET', url: `/services/data/v65.0/sobjects/ContentVersion/${file.id}/VersionData` }, { responseType: 'text/plain' }));
});
await step('metadataList', async () => (await c.metadata.list([{ type: 'CustomObject' }], '65.0')).some(o => o.fullName === 'Account' && o.fileName === 'objects/Account.object'));
await step('metadataDescribe', async () => (await c.metadata.describe('65.0')).metadataObjects.some(o => o.xmlName === 'CustomObject' && o.childXmlNames.includes('CustomField')));
await step('limits', async () => Object.keys(await c.limits()).length > 5);
await step('limitInfo', async () => c.limitInfo.apiUsage.limit);
await step('recent', async () => Array.isArray(await c.recent()));
await step('bulkQuery', async () => (await (await c.bulk2.query('SELECT Id, Name FROM Contact')).toArray()).length);
await step('bulkLoad', async () => {
  const r = await c.bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'insert', input: [{ LastName: 'A', FirstName: null }, { LastName: 'B "q", ü' }, { LastName: '' }] });
  return [r.successfulResults.length, r.failedResults.length, r.failedResults[0].sf__Error, r.unprocessedRecords.length];
});
await step('destroy', async () => (await c.sobject('Account').destroy(out.id)).success);
await step('deleted', async () => (await c.sobject('Account').deleted(new Date(Date.now() - 3600e3).toISOString(), new Date(Date.now() + 3600e3).toISOString())).deletedRecords.map(r => r.id));
await step('updated', async () => (await c.sobject('Contact').updated(new Date(Date.now() - 3600e3).toISOString(), new Date(Date.now() + 3600e3).toISOString())).ids.length > 0);
await step('badQuery', async () => { try { await c.query('SELECT Nope FROM Account'); return 'accepted'; } catch (e) { return e.errorCode; } });
await step('deadSession', async () => { try { await new jsforce.Connection({ instanceUrl, accessToken: '00Dbad!x', version: '65.0' }).query('SELECT Id FROM Account'); return 'accepted'; } catch (e) { return e.errorCode; } });
await step('refresh', async () => {
  const stale = new jsforce.Connection({ instanceUrl, accessToken: '00Dbad!x', refreshToken, version: '65.0', oauth2: { clientId: 'test', clientSecret: 's', loginUrl: instanceUrl } });
  let refreshed = 0;
  stale.on('refresh', () => refreshed++);
  await stale.query('SELECT Id FROM Account LIMIT 1');
  return refreshed;
});
await step('clientCredentials', async () => {
  const fresh = new jsforce.Connection({ instanceUrl, oauth2: { clientId: 'a', clientSecret: 'b', loginUrl: instanceUrl } });
  await fresh.authorize({ grant_type: 'client_credentials' });
  return (await fresh.query('SELECT COUNT() FROM User')).totalSize;
});
await step('soapLogin', async () => { const s = new jsforce.Connection({ loginUrl: instanceUrl }); return (await s.login(user, password)).organizationId; });
console.log(JSON.stringify(out));
